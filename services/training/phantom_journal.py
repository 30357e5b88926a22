"""The journal of a set that is being drawn: which files are there, and that they are whole.

`drawing.jsonl` beside the images: a first line with what was ordered, then one
line for each micrograph, written after its files. A run that was killed goes on
where it stopped; files that are missing or changed are drawn again.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from services.training.atomic import storage_errors, write_whole
from services.training.manifest import LABELS, Record
from services.training.phantom_orders import Order

NAME = "drawing.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """One drawn micrograph as a row of the manifest, and the digests of its files."""

    values: dict[str, str]
    """Columns of the manifest; paths are relative to the set's folder."""
    digests: tuple[str, str]
    """Of the image and of its mask."""

    def record(self, folder: Path) -> Record:
        """What the trainer reads."""
        size = self.values["pixel_size_nm"]
        return Record(
            path=folder / self.values["path"],
            patient=self.values["patient"],
            case=self.values["case"],
            pixel_size_nm=float(size) if size else None,
            labels=tuple(int(self.values[name]) for name in LABELS),
            mask=folder / self.values["mask"],
        )

    def is_whole(self, folder: Path) -> bool:
        """Whether both files are there as they were written."""
        files = (folder / self.values["path"], folder / self.values["mask"])
        return all(
            path.is_file() and digest(path) == known
            for path, known in zip(files, self.digests, strict=True)
        )


def digest(path: Path) -> str:
    """A short digest of a file's bytes, against damage, not against malice."""
    return hashlib.blake2b(path.read_bytes(), digest_size=12).hexdigest()


def read_journal(folder: Path, order: Order) -> dict[str, Row]:
    """What earlier runs of the same order have drawn, by the micrograph's name.

    Raises ValueError where the folder holds the journal of another order.
    """
    path = folder / NAME
    if not path.is_file():
        return {}
    header, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    if _parse(header) != {"order": order.fingerprint()}:
        raise ValueError(
            f"{folder} holds drawings of another order or of another version of the drawing: "
            f"choose an empty folder, or remove this one. Its order is {header}"
        )
    rows = {}
    for line in lines:
        entry = _parse(line)
        if entry is not None:
            image, mask = entry["digests"]
            rows[entry["name"]] = Row(entry["values"], (image, mask))
    return rows


class Journal:
    """An open journal. Rows are on their way to the disk when `add` returns.

    All of it raises StorageError.
    """

    def __init__(self, folder: Path, order: Order, kept: dict[str, Row]) -> None:
        """Begin a journal, or continue one with the rows `kept`: torn lines are left out."""
        self._path = folder / NAME
        header = json.dumps({"order": order.fingerprint()}) + "\n"
        text = header + "".join(_line(name, row) for name, row in kept.items())
        write_whole(self._path, lambda part: _write_text(part, text))
        with storage_errors(self._path):
            self._file: IO[str] = self._path.open("a", encoding="utf-8")

    def add(self, name: str, row: Row) -> None:
        """Note a micrograph whose files are written."""
        with storage_errors(self._path):
            self._file.write(_line(name, row))
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        with storage_errors(self._path):
            self._file.close()


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _line(name: str, row: Row) -> str:
    return json.dumps({"name": name, "values": row.values, "digests": row.digests}) + "\n"


def _parse(line: str) -> dict[str, Any] | None:
    """A line of the journal, or None where a kill has torn it."""
    try:
        parsed = json.loads(line)
    except json.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None
