"""Rows in files: complete, readable, kept."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from services.client.converters import to_classification
from services.client.errors import UnreadableFile
from services.client.results import MicrographResult
from services.client.rows import COLUMNS, to_row
from services.client.writers import ROWS_IN_GROUP, OutputError, open_writer
from tests.unit.client.fake_service import classification

ANSWERED = MicrographResult(
    "biopsy/a.tif", "case 1", to_classification(classification()), path="/data/biopsy/a.tif"
)
FAILED = MicrographResult(
    "b.tif", "", error=UnreadableFile("Cannot read b\udce9.tif."), path="b\udce9.tif"
)


def test_a_row_has_every_column_in_its_order() -> None:
    # When
    row = to_row(ANSWERED)

    # Then
    assert list(row) == list(COLUMNS)
    assert row["presence"] == pytest.approx(0.9)
    assert (row["presence_call"], row["subepithelial_call"]) == ("positive", "negative")
    assert (row["findings"], row["pixel_size_source"]) == ("UNKNOWN_SCALE", "file")
    assert (row["width"], row["height"], row["bit_depth"], row["windows"]) == (640, 480, 16, 4)
    assert row["error_reason"] is None


def test_a_failed_image_has_its_reason_and_no_probabilities() -> None:
    # When
    row = to_row(FAILED)

    # Then
    assert row["error_reason"] == "UNREADABLE_FILE"
    assert row["presence"] is None
    assert row["path"] == "b�.tif"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_every_format_keeps_every_row(tmp_path: Path, suffix: str) -> None:
    # Given
    file = tmp_path / f"results{suffix}"

    # When
    with open_writer(str(file)) as writer:
        for result in (ANSWERED, FAILED):
            writer.write(to_row(result))

    # Then
    first, second = _read(file)
    assert list(first) == list(COLUMNS)
    assert float(first["presence"]) == pytest.approx(0.9)
    assert second["error_reason"] == "UNREADABLE_FILE"
    assert second["presence"] in (None, "")
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def _read(file: Path) -> list[dict[str, str]]:
    if file.suffix == ".csv":
        with file.open(newline="", encoding="utf-8") as lines:
            return list(csv.DictReader(lines))
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    table: list[dict[str, str]] = pq.read_table(file).to_pylist()
    return table


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_row_is_in_the_file_as_soon_as_it_is_written(tmp_path: Path, suffix: str) -> None:
    # Given
    file = tmp_path / f"results{suffix}"

    # When
    with open_writer(str(file)) as writer:
        writer.write(to_row(ANSWERED))

        # Then
        assert len(_read(file)) == 1


def test_a_parquet_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    # Given
    file = tmp_path / "results.parquet"

    # When
    with open_writer(str(file)) as writer:
        for _ in range(ROWS_IN_GROUP + 1):
            writer.write(to_row(ANSWERED))

        # Then
        assert not file.exists()
    assert pq.ParquetFile(file).metadata.num_row_groups == 2
    assert pq.read_table(file).num_rows == ROWS_IN_GROUP + 1


def test_a_name_that_says_no_format_is_refused() -> None:
    with pytest.raises(OutputError, match=r"\.csv, \.jsonl, \.parquet"):
        open_writer("results.xlsx")


@pytest.mark.parametrize("name", ["results.csv", "results.jsonl", "results.parquet"])
def test_a_place_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="No such file or directory"):
        open_writer(str(tmp_path / "nowhere" / name))
