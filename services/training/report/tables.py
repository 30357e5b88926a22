"""The tables of the page, each from its section of the report."""

from collections.abc import Iterator
from html import escape
from typing import Any

from services.training.manifest import LABELS
from services.training.metrics import COUNTS
from services.training.report.markup import table
from services.training.report.readers import COMPARED
from services.training.report.words import NOTHING, number, with_interval

CALLS = ("accuracy", "sensitivity", "specificity", "ppv", "npv", "kappa", "ac1")


def summary_table(report: dict[str, Any]) -> str:
    """AUC and accuracy beside the published ones."""
    rows = []
    for label, values in report["outputs"].items():
        published = report["published"]["outputs"][label]
        there = {**published, "value": published["accuracy"]}
        rows.append(
            [
                label,
                f"{values['positives']} / {values['negatives']}",
                with_interval(values["auc"]),
                number(published["auc"]),
                with_interval(values["accuracy"]),
                with_interval(there),
            ]
        )
    header = ("output", "with / without", "AUC", "AUC, published", "accuracy")
    return table(
        "Beside the published figures, which are not comparable (see below)",
        (*header, "accuracy, published"),
        rows,
    )


def calls_table(report: dict[str, Any]) -> str:
    """Measures of calls at the model's thresholds."""
    rows = [
        [label, number(values["threshold"]), *(with_interval(values[name]) for name in CALLS)]
        for label, values in report["outputs"].items()
    ]
    return table("Calls at the thresholds", ("output", "threshold", *CALLS), rows)


def confusion_table(report: dict[str, Any]) -> str:
    """Counts, and shares with intervals that take images as independent."""
    rows = [
        [
            label,
            *(str(values["confusion"][name]) for name in COUNTS),
            *(_wilson(values[name]) for name in ("sensitivity", "specificity")),
        ]
        for label, values in report["outputs"].items()
    ]
    header = ("output", *(name.replace("_", " ") for name in COUNTS))
    return table(
        "Confusion; Wilson intervals beside, as if all images were independent",
        (*header, "sensitivity", "specificity"),
        rows,
    )


def _wilson(found: dict[str, Any] | None) -> str:
    if found is None:
        return NOTHING
    low, high = found["wilson"]
    return with_interval({"value": found["value"], "low": low, "high": high})


def calibration_table(report: dict[str, Any]) -> str:
    """ECE and Brier before and after calibration."""
    rows = []
    for label, values in report["outputs"].items():
        calibration = values.get("calibration") or {"before": None, "after": None}
        before, after = calibration["before"] or {}, calibration["after"] or {}
        rows.append(
            [
                label,
                number(before.get("ece")),
                number(after.get("ece")),
                number(after.get("ece_by_chance")),
                with_interval(before.get("brier")),
                with_interval(after.get("brier")),
            ]
        )
    header = ("output", "ECE before", "ECE as served", "ECE by chance", "Brier before")
    return table("Before and after calibration", (*header, "Brier as served"), rows)


def pointing_table(heat_maps: dict[str, Any]) -> str:
    """Hit rates beside chance."""
    rows = [
        [label, str(each["images"]), with_interval(each["hit_rate"]), number(each["chance"])]
        for label, each in heat_maps["outputs"].items()
    ]
    return table("Heat-map hits", ("output", "micrographs", "hit rate", "by chance"), rows)


def reader_tables(readers: dict[str, Any]) -> Iterator[str]:
    """One table for each measure: reader, model, difference."""
    for name in COMPARED:
        rows = [
            [
                f"{escape(reader)}, {label}",
                str(each["images"]),
                with_interval(each["reader"][name]),
                with_interval(each["model"][name]),
                with_interval(each["difference"][name], sign=True),
            ]
            for reader, outputs in readers.items()
            for label, each in outputs.items()
        ]
        yield table(
            name, ("reader and output", "micrographs", "reader", "model", "model - reader"), rows
        )


def strata_tables(strata: dict[str, Any]) -> Iterator[str]:
    """One table for each factor: its parts by output."""
    for factor, parts in strata.items():
        rows = [
            [
                f"{escape(part['level'])}<br>{part['micrographs']} of {part['patients']} patients",
                *(_part(part["outputs"][label]) for label in LABELS),
            ]
            for part in parts
        ]
        yield table(f"By {factor}", (factor, *LABELS), rows)


def _part(values: dict[str, Any]) -> str:
    lines = (
        with_interval(values["accuracy"], 2),
        with_interval(values["auc"], 2),
        f"n {values['assessed']} ({values['positives']})",
    )
    return "<br>".join(lines)
