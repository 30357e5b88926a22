"""The list of labelled micrographs that training and evaluation read: a CSV or Parquet file.

One row per micrograph. `path`, `patient` and the five labels must have a column; the others are
optional, and so is every value in them:

    path            image file, relative to the manifest's folder, or absolute
    patient         splits and intervals are by patient
    case            accession or biopsy
    pixel_size_nm   edge of a pixel in nanometres; goes before what the file says
    magnification   nominal; kept for the reader, never used as a scale
    presence, mesangial, subepithelial, intramembranous, subendothelial
                    1, 0, or blank for not assessed
    reader:NAME:OUTPUT
                    what reader NAME said of OUTPUT (one of the five), 1, 0 or blank
    mask            grey image of the micrograph's size, 0 or 1 + the index of the location
    microscope, disease, artefact, format
                    free text, to report by; `artefact` may list several, separated by ";"
    origin          `drawn` or `real`; blank for not stated
    split           `train`, `validation`, `calibration` or `test`, for all rows or for none
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.common.classification import Location

LOCATIONS = tuple(Location)
LABELS = ("presence", *(location.value for location in LOCATIONS))
"""Outputs in the order of every table and of the model."""

REQUIRED = ("path", "patient", *LABELS)
STRATA = ("microscope", "disease", "artefact", "format")
COLUMNS = (
    *("path", "patient", "case", "pixel_size_nm", "magnification"),
    *(*LABELS, "mask", *STRATA, "origin", "split"),
)
"""All columns but those of readers, in the order they are written in."""
READER = "reader"
ORIGINS = ("drawn", "real")
SPLITS = ("train", "validation", "calibration", "test")

Labels = tuple[int | None, ...]
"""0, 1, or None for not assessed, for each of LABELS."""


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled micrograph."""

    path: Path
    patient: str
    case: str
    pixel_size_nm: float | None
    """None where the scale is not stated."""
    labels: Labels
    mask: Path | None
    """Grey image of the same size: 0 for none, else 1 + the index of the deposit's location."""
    magnification: float | None = None
    microscope: str = ""
    disease: str = ""
    artefacts: tuple[str, ...] = ()
    format: str = ""
    origin: str = ""
    """One of ORIGINS, or empty where not stated."""
    split: str = ""
    """One of SPLITS, or empty where the manifest does not split."""
    readers: Mapping[str, Labels] = field(default_factory=dict, hash=False)
    """What each reader said, by name."""
    digest: str = field(default="", compare=False)
    """Of the decoded image; empty where the manifest was read without its files."""

    @property
    def presence(self) -> int:
        """1 where a deposit is known to show."""
        return int(self.labels[0] == 1)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Labels of N micrographs as arrays."""

    positive: NDArray[np.bool_]
    """[N, 5], True for 1; False for 0 and where not assessed."""
    assessed: NDArray[np.bool_]
    """[N, 5], True where there is a label."""


def truth_of(labels: Sequence[Labels]) -> Truth:
    """Arrays of labels that may be None."""
    shape = (len(labels), len(LABELS))
    positive = np.array([[value == 1 for value in row] for row in labels], bool)
    assessed = np.array([[value is not None for value in row] for row in labels], bool)
    return Truth(positive.reshape(shape), assessed.reshape(shape))


def write_manifest(path: Path, records: Iterable[Record]) -> None:
    """Write records as CSV, without the optional columns that nobody has a value for.

    Paths are relative to the file's folder where they lie below it. Raises OSError.
    """
    folder = path.parent.resolve()
    rows = [_row(record, folder) for record in records]
    used = {column for row in rows for column, value in row.items() if value}
    readers = sorted(used.difference(COLUMNS))
    header = [name for name in COLUMNS if name in used or name in REQUIRED] + readers
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, header, restval="", extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def _row(record: Record, folder: Path) -> dict[str, str]:
    readings = {
        f"{READER}:{name}:{label}": _text(value)
        for name, labels in record.readers.items()
        for label, value in zip(LABELS, labels, strict=True)
    }
    return {
        "path": _relative(record.path, folder),
        "patient": record.patient,
        "case": record.case,
        "pixel_size_nm": _text(record.pixel_size_nm),
        "magnification": _text(record.magnification),
        **{name: _text(value) for name, value in zip(LABELS, record.labels, strict=True)},
        "mask": "" if record.mask is None else _relative(record.mask, folder),
        "microscope": record.microscope,
        "disease": record.disease,
        "artefact": ";".join(record.artefacts),
        "format": record.format,
        "origin": record.origin,
        "split": record.split,
        **readings,
    }


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _relative(path: Path, folder: Path) -> str:
    absolute = path.resolve()
    return (
        absolute.relative_to(folder).as_posix()
        if absolute.is_relative_to(folder)
        else absolute.as_posix()
    )
