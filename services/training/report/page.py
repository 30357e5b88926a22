"""The report as one page of HTML, made from its JSON alone."""

from collections.abc import Iterator
from html import escape
from typing import Any

from services.training.report.markup import heading, page, paragraph
from services.training.report.plots import draw_output
from services.training.report.tables import (
    calibration_table,
    calls_table,
    confusion_table,
    pointing_table,
    reader_tables,
    strata_tables,
    summary_table,
)

READING = (
    "AUC is the probability that a micrograph with the deposit gets a higher probability than one "
    "without. Sensitivity, specificity, PPV and NPV are of calls at the model's thresholds, which "
    "were fixed before; PPV and NPV hold at the share of deposits in these images only. Kappa and "
    "AC1 are agreement beyond chance, AC1 the steadier where nearly all images are alike. A "
    "dash stands where a number is undefined, for want of images of one class."
)
CALIBRATION = (
    "ECE is the mean distance of probability and frequency over ten groups of equally many images; "
    "'by chance' is what a perfectly calibrated model would show on so few images. Brier is the "
    "mean squared distance of probability and truth. Bars at the reliability curve are Wilson "
    "intervals of each group, as if its images were independent."
)
POINTING = (
    "Of the micrographs whose label and mask show the deposit: how often the map's maximum lies on "
    "it or within the tolerance of half a cell of the map{tolerance}. By chance: the share of the "
    "field's cells that would be hits."
)
READERS = (
    "Agreement with the reference. Model and reader are compared on the images that reader read; "
    "an interval of the difference that holds zero shows no difference. A reader whose readings "
    "made the reference agrees with it by construction."
)
STRATA = (
    "Accuracy, then AUC, each with its 95 % interval; n is micrographs assessed, with the deposit "
    "in brackets. Many small groups: expect one interval in twenty to miss by chance."
)


def render(report: dict[str, Any]) -> str:
    """The page for a report. It needs no other file and no network."""
    return page(f"Evaluation of {report['model']}", _parts(report))


def _parts(report: dict[str, Any]) -> Iterator[str]:
    yield heading(f"Evaluation of {report['model']}", 1)
    yield paragraph(report["notice"], "notice")
    yield from map(paragraph, _introduction(report))
    yield heading("Summary")
    yield summary_table(report)
    yield paragraph(report["published"]["comparable"])
    yield paragraph(f"Published: {report['published']['source']}.", "small")
    yield heading("Calls")
    yield calls_table(report)
    yield confusion_table(report)
    yield paragraph(READING, "small")
    yield heading("Calibration")
    yield calibration_table(report)
    yield paragraph(CALIBRATION, "small")
    yield heading("Curves")
    for label, values in report["outputs"].items():
        if drawing := draw_output(label, values):
            yield heading(label, 3) + f"<figure>{drawing}</figure>"
    yield from _optional(report)


def _optional(report: dict[str, Any]) -> Iterator[str]:
    if report["heat_maps"] is not None:
        yield heading("Heat maps")
        yield pointing_table(report["heat_maps"])
        known = report["heat_maps"]["tolerance_nm"]
        tolerance = "" if known is None else f", here {known:.0f} nm"
        yield paragraph(POINTING.format(tolerance=tolerance), "small")
    if report["readers"]:
        yield heading("Readers and model against the reference")
        yield from reader_tables(report["readers"])
        yield paragraph(READERS, "small")
    if report["strata"]:
        yield heading("By microscope, pixel size, disease, artefact and format")
        yield from strata_tables(report["strata"])
        yield paragraph(STRATA, "small")


def _introduction(report: dict[str, Any]) -> Iterator[str]:
    stated = ", ".join(f"{count} {name}" for name, count in report["origins"].items() if count)
    yield (
        f"{report['micrographs']} micrographs of {report['patients']} patients (drawn or real: "
        f"{stated}), from files through the serving path. Intervals: {report['interval']}."
    )
    if data := report.get("data"):
        yield f"Data: {data['manifest']}, {data['split']}; {data['digest']}."
        if data["digest"] == report.get("trained_on") and data["split"] != "split test":
            yield (
                "WARNING: the model was trained on this very manifest. These figures say how well "
                "it remembers, not how good it is."
            )
    if digest := report.get("graph_digest"):
        yield f"Model: the graph model.onnx with {escape(digest)}."
