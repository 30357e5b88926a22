"""Reading a manifest: everything that is wrong with it is found before any work starts."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from services.training.manifest import COLUMNS, LABELS, Record

LARGEST_PIXEL_NM = 1000.0
MOST_SHOWN = 30


class ManifestError(Exception):
    """The manifest cannot be used. `problems` has a line for each thing to correct."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        shown = [f"  {problem}" for problem in problems[:MOST_SHOWN]]
        if len(problems) > MOST_SHOWN:
            shown.append(f"  ... and {len(problems) - MOST_SHOWN} more")
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__("\n".join([f"{path}: {count}; correct them and try again:", *shown]))
        self.problems = tuple(problems)


def read_manifest(path: Path, contents: bool = True) -> list[Record]:
    """All records of a CSV file, checked; `contents` also compares the files' bytes.

    Raises ManifestError with every problem at once: columns, labels, pixel
    sizes, missing files, and one image listed under two patients.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            header = list(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(path, [f"cannot be read: {error}"]) from error
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise ManifestError(path, [f"column missing in the header: {name}" for name in missing])
    problems: list[str] = [] if rows else ["lists no micrograph"]
    records = [_record(path.parent, number, row, problems) for number, row in enumerate(rows, 2)]
    if contents and not problems:
        problems += _same_image_twice(records)
    if problems:
        raise ManifestError(path, problems)
    return records


def check_patients(path: Path, training: Sequence[Record], held_out: Collection[str]) -> None:
    """Held-out patients must not be among those trained on. Raises ManifestError."""
    shared = sorted({record.patient for record in training} & set(held_out))
    if shared:
        raise ManifestError(
            path, [f"patient {patient} was also used for training" for patient in shared]
        )


def _record(folder: Path, line: int, row: dict[str, str], problems: list[str]) -> Record:
    """One row; what is wrong with it is added to `problems`."""
    found = []
    image, mask = folder / (row["path"] or ""), row["mask"]
    if not row["path"] or not image.is_file():
        found.append(f"no file {image}")
    if mask and not (folder / mask).is_file():
        found.append(f"no mask {folder / mask}")
    if not row["patient"]:
        found.append("no patient: the split is by patient")
    labels = tuple(_label(row, name, found) for name in LABELS)
    if not found and labels[0] != max(labels[1:]):
        found.append("presence must be 1 where a location is 1, and 0 where none is")
    size = _pixel_size(row["pixel_size_nm"], found)
    problems += [f"line {line}: {problem}" for problem in found]
    return Record(image, row["patient"], row["case"], size, labels, folder / mask if mask else None)


def _label(row: dict[str, str], name: str, found: list[str]) -> int:
    if row[name] not in ("0", "1"):
        found.append(f"{name} is {row[name]!r}, not 0 or 1")
        return 0
    return int(row[name])


def _pixel_size(text: str, found: list[str]) -> float | None:
    if not text:
        return None
    try:
        size = float(text)
    except ValueError:
        size = float("nan")
    if not 0.0 < size <= LARGEST_PIXEL_NM:
        found.append(f"pixel_size_nm is {text!r}, not a number of nanometres up to 1000")
    return size


def _same_image_twice(records: Sequence[Record]) -> list[str]:
    """The same bytes under two patients would leak from training into validation."""
    owners: dict[str, dict[str, Path]] = defaultdict(dict)
    for record in records:
        digest = hashlib.sha256(record.path.read_bytes()).hexdigest()
        owners[digest].setdefault(record.patient, record.path)
    return [
        "the same image under several patients: "
        + ", ".join(f"{path} ({patient})" for patient, path in sorted(files.items()))
        for files in owners.values()
        if len(files) > 1
    ]
