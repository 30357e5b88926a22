"""Rows to a file or a pipe as they arrive: CSV, JSON lines, Parquet."""

import csv
import json
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self, TextIO

from services.client.errors import DensaError
from services.client.rows import COLUMNS, Row

ROWS_IN_GROUP = 1000
"""Rows of a Parquet file that are written together; as many are held in memory."""


class OutputError(DensaError):
    """Expected: the results cannot be written where they should go."""

    default_reason = "OUTPUT_NOT_WRITABLE"


class RowWriter(ABC):
    """Takes rows; what it took is kept when it is closed, also after an interruption."""

    @abstractmethod
    def write(self, row: Row) -> None:
        """One row more."""

    @abstractmethod
    def close(self) -> None:
        """No more rows."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class CsvWriter(RowWriter):
    """Comma-separated, with a heading; every row is in the file as soon as it is written."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._csv = csv.DictWriter(file, list(COLUMNS))
        self._csv.writeheader()
        file.flush()

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

    def write(self, row: Row) -> None:
        """One line."""
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file, unless it is the standard output."""
        if self._file is not sys.stdout:
            self._file.close()


class ParquetWriter(RowWriter):
    """A Parquet file, which is readable only as a whole: it gets its name when it is complete."""

    def __init__(self, path: Path) -> None:
        # Takes a third of a second, and only this format needs it.
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        types = {str: pa.string(), int: pa.int64(), float: pa.float64()}
        self._path, self._partial = path, path.with_name(f".{path.name}.partial")
        self._schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
        self._table = pa.Table
        self._writer: Any = pq.ParquetWriter(self._partial, self._schema)
        self._rows: list[Row] = []

    def write(self, row: Row) -> None:
        """Keep the row until its group is full."""
        self._rows.append(row)
        if len(self._rows) >= ROWS_IN_GROUP:
            self._write_group()

    def close(self) -> None:
        """Write what is left and give the file its name."""
        if self._rows:
            self._write_group()
        self._writer.close()
        self._partial.replace(self._path)

    def _write_group(self) -> None:
        self._writer.write_table(self._table.from_pylist(self._rows, schema=self._schema))
        self._rows.clear()


FORMATS = (".csv", ".jsonl", ".parquet")


def open_writer(out: str) -> RowWriter:
    """The writer for a file name, by its suffix; `-` is JSON lines to the standard output.

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
            return ParquetWriter(path)
        file = path.open("w", encoding="utf-8", newline="")
        return CsvWriter(file) if suffix == ".csv" else JsonLinesWriter(file)
    except OSError as error:
        raise OutputError(f"Cannot write {out}: {error.strerror or error}.") from error
