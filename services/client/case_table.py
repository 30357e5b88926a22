"""Case results for people and for files."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table

from services.client.cases import CaseAssessment, CaseResult
from services.client.results import Location
from services.client.writers import OutputError

SHOWN = 40
"""Cases in the table at most. The file has them all."""

_OUTPUTS = ("presence", *(location.value for location in Location))
COLUMNS = (
    "case_id",
    "images",
    "failed",
    *(column for name in _OUTPUTS for column in (name, f"{name}_call", f"{name}_images")),
    "calibrated",
    "model_name",
    "model_version",
    "model_digest",
    "notice",
)
"""Of the file; NAME_images are the ids of the images behind it, the most probable first."""


def write_cases(path: Path, cases: Iterable[CaseResult]) -> None:
    """Writes a CSV file with a row per case, whole or not at all. Raises OutputError."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", newline="", encoding="utf-8") as file:
            rows = csv.DictWriter(file, COLUMNS)
            rows.writeheader()
            rows.writerows(map(_row, sorted(cases, key=lambda case: case.case_id)))
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def case_table(cases: Sequence[CaseResult]) -> Table:
    """A row per case."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("case", "images", *_OUTPUTS, "first image"):
        table.add_column(heading)
    for case in sorted(cases, key=lambda one: one.case_id)[:SHOWN]:
        found = [_of(case, name) for name in _OUTPUTS]
        first = case.presence.supporting_images[0].image_id if case.presence else "none answered"
        images = f"{case.images:,}" + (f" ({case.failed:,} failed)" if case.failed else "")
        table.add_row(case.case_id, images, *map(_cell, found), first)
    return table


def _cell(assessment: CaseAssessment | None) -> str:
    if assessment is None:
        return "-"
    style = "bold" if assessment.call == "positive" else "dim"
    return f"[{style}]{assessment.probability:.2f}{'+' if style == 'bold' else ''}[/{style}]"


def _of(case: CaseResult, name: str) -> CaseAssessment | None:
    return case.presence if name == "presence" else case.locations.get(name)


def _row(case: CaseResult) -> dict[str, object]:
    row: dict[str, object] = {
        "case_id": case.case_id,
        "images": case.images,
        "failed": case.failed,
        "calibrated": str(case.calibrated).lower(),
        "notice": case.notice,
    }
    if case.models:
        model = case.models[0]
        row |= {"model_name": model.name, "model_version": model.version}
        row["model_digest"] = model.digest
    for name in _OUTPUTS:
        if (assessment := _of(case, name)) is not None:
            row[name] = round(assessment.probability, 6)
            row[f"{name}_call"] = assessment.call
            row[f"{name}_images"] = " ".join(
                image.image_id for image in assessment.supporting_images
            )
    return row
