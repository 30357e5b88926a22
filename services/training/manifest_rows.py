"""One row of a manifest as a Record, and all that is wrong with it."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from services.training.manifest import (
    COLUMNS,
    LABELS,
    ORIGINS,
    READER,
    REQUIRED,
    SPLITS,
    Labels,
    Record,
)

LARGEST_PIXEL_NM = 1000.0
LARGEST_MAGNIFICATION = 5e6
SIMILAR = 0.8
"""From this likeness on (difflib's ratio) an unknown column counts as a misspelt one."""

READINGS = {"0": 0, "0.0": 0, "1": 1, "1.0": 1, "": None}
"""Spreadsheets and data frames write a column with blanks in it as 0.0 and 1.0."""


def check_columns(columns: Sequence[str]) -> list[str]:
    """What is wrong with a header. Columns of other names are the laboratory's own, and ignored."""
    problems = [f"column missing in the header: {name}" for name in REQUIRED if name not in columns]
    problems += [
        f"column twice in the header: {name}"
        for name in sorted({name for name in columns if columns.count(name) > 1})
    ]
    for name in columns:
        if name in COLUMNS:
            continue
        if name.partition(":")[0].casefold() == READER:
            if reader_of(name) is None:
                problems.append(
                    f"column {name!r}: readers' columns are named reader:NAME:OUTPUT, "
                    f"OUTPUT being one of {', '.join(LABELS)}"
                )
        elif close := get_close_matches(name.casefold(), COLUMNS, n=1, cutoff=SIMILAR):
            problems.append(f"column {name!r}: did you mean {close[0]}? Rename it")
    return problems


def reader_of(column: str) -> tuple[str, str] | None:
    """Reader and output of a column reader:NAME:OUTPUT."""
    kind, _, rest = column.partition(":")
    name, _, output = rest.rpartition(":")
    return (name, output) if kind == READER and name and output in LABELS else None


def read_row(folder: Path, values: Mapping[str, str], found: list[str]) -> Record:
    """The record of a row; what is wrong with it is added to `found`."""
    path, mask = values["path"], values.get("mask", "")
    if not path:
        found.append("no path")
    elif not (folder / path).is_file():
        found.append(f"no file {folder / path}")
    if mask and not (folder / mask).is_file():
        found.append(f"no mask {folder / mask}")
    if not values["patient"]:
        found.append("no patient: splits and intervals are by patient")
    artefacts = (part.strip() for part in values.get("artefact", "").split(";"))
    return Record(
        path=folder / path,
        patient=values["patient"],
        case=values.get("case", ""),
        pixel_size_nm=_positive(values, "pixel_size_nm", LARGEST_PIXEL_NM, found),
        labels=_labels(values, found),
        mask=folder / mask if mask else None,
        magnification=_positive(values, "magnification", LARGEST_MAGNIFICATION, found),
        microscope=values.get("microscope", ""),
        disease=values.get("disease", ""),
        artefacts=tuple(part for part in artefacts if part),
        format=values.get("format", ""),
        origin=_one_of(values, "origin", ORIGINS, found),
        split=_one_of(values, "split", SPLITS, found),
        readers=_readers(values, found),
    )


def _labels(values: Mapping[str, str], found: list[str]) -> Labels:
    """The labels, and what follows from them where presence or a location is blank.

    The four locations are all there are: presence 0 means 0 everywhere, a location 1 means
    presence 1, four times 0 means presence 0, and presence 1 with four times 0 is a
    contradiction. A deposit whose place was not told has blanks at the locations.
    """
    before = len(found)
    labels = [_label(values, name, found) for name in LABELS]
    presence, locations = labels[0], labels[1:]
    if len(found) > before:
        return tuple(labels)
    somewhere = [name for name, value in zip(LABELS[1:], locations, strict=True) if value == 1]
    if presence == 0 and somewhere:
        found.append(f"presence is 0 but {' and '.join(somewhere)} is 1; correct one of them")
    elif presence == 1 and all(value == 0 for value in locations):
        found.append(
            "presence is 1 but every location is 0; leave locations blank that were not "
            "assessed, or correct one of them"
        )
    elif all(value is None for value in labels):
        found.append("no label; give at least one, or leave the micrograph out")
    if presence == 0 or all(value == 0 for value in locations):
        return (0,) * len(LABELS)
    return (1 if somewhere else presence, *locations)


def _readers(values: Mapping[str, str], found: list[str]) -> dict[str, Labels]:
    columns = {column: reader for column in values if (reader := reader_of(column)) is not None}
    names = sorted({name for name, _ in columns.values()})
    return {
        name: tuple(_label(values, f"{READER}:{name}:{label}", found) for label in LABELS)
        for name in names
        if any(values[column] for column, (owner, _) in columns.items() if owner == name)
    }


def _label(values: Mapping[str, str], column: str, found: list[str]) -> int | None:
    text = values.get(column, "")
    if text not in READINGS:
        found.append(f"{column} is {text!r}, not 0, 1 or blank for not assessed")
        return None
    return READINGS[text]


def _positive(
    values: Mapping[str, str], column: str, largest: float, found: list[str]
) -> float | None:
    text = values.get(column, "")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not 0.0 < number <= largest:
        found.append(f"{column} is {text!r}, not a number above 0 and up to {largest:g}")
    return number


def _one_of(
    values: Mapping[str, str], column: str, allowed: Sequence[str], found: list[str]
) -> str:
    text = values.get(column, "")
    if text and text not in allowed:
        found.append(f"{column} is {text!r}, not one of {', '.join(allowed)}, or blank")
    return text
