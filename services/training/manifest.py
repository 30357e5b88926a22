"""The list of labelled micrographs that training and evaluation read: a CSV file.

Columns: path, patient, case, pixel_size_nm, presence, mesangial,
subepithelial, intramembranous, subendothelial, mask. Paths are relative to the
CSV file; `mask` may be empty; labels are 0 or 1.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.common.classification import Location

LOCATIONS = tuple(Location)
LABELS = ("presence", *(location.value for location in LOCATIONS))
"""Outputs in the order of every table and of the model."""

COLUMNS = ("path", "patient", "case", "pixel_size_nm", *LABELS, "mask")


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled micrograph."""

    path: Path
    patient: str
    case: str
    pixel_size_nm: float | None
    """None where the scale is unknown."""
    labels: tuple[int | None, ...]
    """0, 1, or None for not assessed, for each of LABELS."""
    mask: Path | None
    """Grey image of the same size: 0 for none, else 1 + the index of the deposit's location."""
    origin: str = ""
    """`drawn` or `real`, or empty where not stated."""
    split: str = ""
    """`train`, `validation`, `calibration` or `test`, or empty where the manifest does not say."""

    @property
    def presence(self) -> int:
        """1 where any deposit shows."""
        return int(self.labels[0] == 1)


def write_manifest(path: Path, records: Iterable[Record]) -> None:
    """Write records as CSV, with paths relative to the file's folder where they lie below it."""
    folder = path.parent.resolve()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for record in records:
            size = "" if record.pixel_size_nm is None else f"{record.pixel_size_nm:g}"
            mask = "" if record.mask is None else _relative(record.mask, folder)
            where = _relative(record.path, folder)
            writer.writerow([where, record.patient, record.case, size, *record.labels, mask])


def _relative(path: Path, folder: Path) -> str:
    absolute = path.resolve()
    return (
        absolute.relative_to(folder).as_posix()
        if absolute.is_relative_to(folder)
        else absolute.as_posix()
    )
