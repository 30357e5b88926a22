"""The report in short, for the terminal."""

from typing import Any

from rich.table import Table

from services.training.commands.terminal import console

COLUMNS = ("accuracy", "sensitivity", "specificity", "kappa")


def print_report(report: dict[str, Any]) -> None:
    """One row per output: AUC and calls with intervals, calibration, heat-map hits."""
    table = Table("output", "with/without", "AUC", *COLUMNS, "ECE", "map hits (chance)")
    for label, values in report["outputs"].items():
        calibration = values.get("calibration")
        table.add_row(
            label,
            f"{values['positives']}/{values['negatives']}",
            _estimate(values["auc"]),
            *(_estimate(values[name]) for name in COLUMNS),
            f"{calibration['after']['ece']:.3f}" if calibration else "-",
            _hits(report["heat_maps"], label),
        )
    console.print(table)
    console.print(
        f"{report['model']}: {report['micrographs']} micrographs of {report['patients']} "
        f"patients; {report['interval']}",
        highlight=False,
    )


def _estimate(found: dict[str, Any] | None) -> str:
    if found is None:
        return "-"
    if found["low"] is None:
        return f"{found['value']:.3f}"
    return f"{found['value']:.3f}\n{found['low']:.3f}-{found['high']:.3f}"


def _hits(heat_maps: dict[str, Any] | None, label: str) -> str:
    found = heat_maps and heat_maps["outputs"].get(label)
    if not found:
        return "-"
    return f"{_estimate(found['hit_rate'])}\n({found['chance']:.3f})"
