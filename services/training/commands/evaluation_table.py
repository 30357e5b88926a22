"""The report in short, for a terminal of 80 columns."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from services.training.commands.terminal import console

HEADER = (
    "output",
    "AUC",
    "accuracy",
    "sens.\nspec.",
    "kappa",
    "ECE",
    "map\nhits",
)


def print_report(report: dict[str, Any]) -> None:
    """One row per output: AUC and calls with intervals, calibration, heat-map hits."""
    table = Table(*HEADER, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_lines=True)
    for label, values in report["outputs"].items():
        calibration = values.get("calibration")
        table.add_row(
            f"{label}\n  {values['positives']} of {values['assessed']}",
            _estimate(values["auc"]),
            _estimate(values["accuracy"]),
            f"{_value(values['sensitivity'])}\n{_value(values['specificity'])}",
            _estimate(values["kappa"]),
            f"{calibration['after']['ece']:.3f}" if calibration else "-",
            _hits(report["heat_maps"], label),
        )
    console.print(table)
    console.print(
        f"{report['model']}: {report['micrographs']} micrographs of {report['patients']} "
        f"patients.\nIntervals: {report['interval']}.\n{report['notice']}",
        highlight=False,
    )


def _estimate(found: dict[str, Any] | None) -> str:
    if found is None or found["low"] is None:
        return _value(found)
    return f"{found['value']:.3f}\n{found['low']:.3f}-{found['high']:.3f}"


def _value(found: dict[str, Any] | None) -> str:
    return "-" if found is None else f"{found['value']:.3f}"


def _hits(heat_maps: dict[str, Any] | None, label: str) -> str:
    found = heat_maps and heat_maps["outputs"].get(label)
    return _value(found["hit_rate"]) if found else "-"
