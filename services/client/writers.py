"""Rows to a file or a pipe as they arrive: CSV, JSON lines, Parquet."""

import csv
import json
import os
import sys
from abc import ABC, abstractmethod
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self, TextIO

from services.client.errors import DensaError
from services.client.rows import COLUMNS, Row

ROWS_IN_GROUP = 1000
"""Rows of a Parquet file that are written together, and held in memory."""


class OutputError(DensaError):
    """Expected: the results cannot be written where they should go."""

    default_reason = "OUTPUT_NOT_WRITABLE"


class RowWriter(ABC):
    """Takes rows; what it took is kept when it is closed, also after an interruption."""

    unfinished = False
    """Whether a later run may go on with the rows."""

    @abstractmethod
    def write(self, row: Row) -> None:
        """One row more."""

    @abstractmethod
    def close(self) -> None:
        """No more rows."""

    @property
    @abstractmethod
    def file(self) -> IO[Any]:
        """Where every row is as soon as it is written."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class CsvWriter(RowWriter):
    """Comma-separated, with a heading; every row is in the file as soon as it is written."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._csv = csv.DictWriter(file, list(COLUMNS))
        if not os.fstat(file.fileno()).st_size:
            self._csv.writeheader()
            file.flush()

    @property
    def file(self) -> IO[Any]:
        """See RowWriter."""
        return self._file

    def write(self, row: Row) -> None:
        """One line."""
        self._csv.writerow(row)
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class JsonLinesWriter(RowWriter):
    """One JSON object a line; every row can be read as soon as it is written."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    @property
    def file(self) -> IO[Any]:
        """See RowWriter."""
        return self._file

    def write(self, row: Row) -> None:
        """One line."""
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file, unless it is the standard output."""
        if self._file is not sys.stdout:
            self._file.close()


class ParquetWriter(RowWriter):
    """A Parquet file, which is readable only as a whole: made when no more rows come.

    Until then the rows are JSON lines in a file beside it, which a later run goes on with.
    """

    def __init__(self, path: Path, lines: TextIO) -> None:
        self._path, self._lines, self._made = path, JsonLinesWriter(lines), False

    @property
    def file(self) -> IO[Any]:
        """See RowWriter."""
        return self._lines.file

    def write(self, row: Row) -> None:
        """One line, for now."""
        self._lines.write(row)

    def close(self) -> None:
        """Make the file of all rows."""
        self._lines.close()
        if not self._made:
            self._make()
        if not self.unfinished:
            rows_beside(self._path).unlink(missing_ok=True)

    def _make(self) -> None:
        # Takes a third of a second, and only this format needs it.
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        types = {str: pa.string(), int: pa.int64(), float: pa.float64()}
        schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
        partial = self._path.with_name(f".{self._path.name}.partial")
        with (
            rows_beside(self._path).open(encoding="utf-8") as lines,
            pq.ParquetWriter(partial, schema) as writer,
        ):
            while group := [json.loads(line) for line in islice(lines, ROWS_IN_GROUP)]:
                writer.write_table(pa.Table.from_pylist(group, schema=schema))
        partial.replace(self._path)
        self._made = True


def rows_of(path: Path) -> Path:
    """The file that has every row of an output as soon as it is written."""
    return rows_beside(path) if path.suffix.lower() == ".parquet" else path


def rows_beside(path: Path) -> Path:
    """Where the rows of a Parquet file are until it is complete."""
    return path.with_name(f".{path.name}.rows")


FORMATS = (".csv", ".jsonl", ".parquet")


def open_writer(out: str, keep: int = 0) -> RowWriter:
    """The writer for a file name, by its suffix; `-` is JSON lines to the standard output.

    Args:
        out: File name or `-`.
        keep: Bytes of an earlier run's rows that are gone on with; what follows them is cut off.

    Raises:
        OutputError: It cannot be written, or its suffix says nothing.
    """
    if out == "-":
        return JsonLinesWriter(sys.stdout)
    path = Path(out)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise OutputError(
            f"Cannot tell the format of {out}: end its name in {', '.join(FORMATS)}, "
            "or give - for JSON lines on the standard output."
        )
    try:
        if suffix == ".parquet":
            return ParquetWriter(path, _open(rows_beside(path), keep))
        file = _open(path, keep)
        return CsvWriter(file) if suffix == ".csv" else JsonLinesWriter(file)
    except OSError as error:
        raise OutputError(f"Cannot write {out}: {error.strerror or error}.") from error


def _open(path: Path, keep: int) -> TextIO:
    if not keep:
        return path.open("w", encoding="utf-8", newline="")
    os.truncate(path, keep)
    return path.open("a", encoding="utf-8", newline="")
