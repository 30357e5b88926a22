"""The rows of a manifest as text, whether it is a CSV or a Parquet file."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARQUET = ".parquet"


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    where: str
    """How a message names it: `line 7` of a CSV file, `row 6` of a Parquet file."""
    values: dict[str, str]
    """Text by column, without blanks around it; empty where there is no value."""


@dataclass(frozen=True, slots=True)
class Table:
    """A manifest as it was read."""

    columns: tuple[str, ...]
    rows: list[Row]
    problems: list[str]
    """Rows that have more or fewer values than the header."""


def read_table(path: Path) -> Table:
    """Read `path`, as Parquet where its name says so, else as CSV.

    Raises OSError, or ValueError for what is no such table.
    """
    return _read_parquet(path) if path.suffix.lower() == PARQUET else _read_csv(path)


def _read_csv(path: Path) -> Table:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            columns = tuple(name.strip() for name in next(reader, []))
            lines = [(reader.line_num, values) for values in reader if values]
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no UTF-8 text ({error.reason}); save it as CSV UTF-8") from error
    except csv.Error as error:
        raise ValueError(f"it is no CSV file: {error}") from error
    if len(columns) == 1 and ";" in columns[0]:
        raise ValueError("its columns are separated by semicolons; save it with commas")
    rows, problems = [], []
    for number, values in lines:
        if len(values) != len(columns):
            problems.append(
                f"line {number}: {len(values)} values under {len(columns)} columns; "
                "put values that contain a comma into double quotes"
            )
            continue
        texts = (value.strip() for value in values)
        rows.append(Row(f"line {number}", dict(zip(columns, texts, strict=True))))
    return Table(columns, rows, problems)


def _read_parquet(path: Path) -> Table:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ValueError(
            "Parquet needs pyarrow: `pip install pyarrow`, or save it as CSV"
        ) from error
    try:
        table = ParquetFile(path).read()
    except ArrowException as error:
        raise ValueError(f"it is no Parquet file: {error}") from error
    rows = [
        Row(f"row {number}", {name.strip(): _text(value) for name, value in values.items()})
        for number, values in enumerate(table.to_pylist(), 1)
    ]
    return Table(tuple(name.strip() for name in table.column_names), rows, [])


def _text(value: Any) -> str:
    """As a CSV file would have it: nothing for null and NaN, 1 for true, no zeros behind a 2.0."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()
