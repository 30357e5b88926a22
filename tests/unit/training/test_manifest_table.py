"""A manifest is the same as CSV and as Parquet, and a file that is neither says so."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.training.manifest_check import ManifestError, read_manifest
from tests.unit.training.manifests import HEADER, write_rows


def test_parquet_and_csv_give_the_same_records(tmp_path: Path) -> None:
    # Given the same micrographs as text, and as numbers with nulls as a data frame writes them
    csv = write_rows(
        tmp_path,
        "a.png,7,5.5,1,1,,0,0",
        "b.png,8,,0,0,0,0,0",
        header=HEADER.replace("patient,", "patient,pixel_size_nm,"),
    )
    columns = {
        "path": ["a.png", "b.png"],
        "patient": [7, 8],
        "pixel_size_nm": [5.5, float("nan")],
        "presence": [True, False],
        "mesangial": [1.0, 0.0],
        "subepithelial": [None, 0],
        "intramembranous": [0, 0],
        "subendothelial": [0, 0],
    }
    pq.write_table(pa.table(columns), tmp_path / "manifest.parquet")

    # When both are read
    # Then they are equal
    assert read_manifest(tmp_path / "manifest.parquet") == read_manifest(csv)


def test_a_problem_in_parquet_names_its_row(tmp_path: Path) -> None:
    # Given a Parquet file whose second micrograph is not there
    write_rows(tmp_path, "a.png,p,0,0,0,0,0")
    names = HEADER.split(",")
    rows = [["a.png", "p", 0, 0, 0, 0, 0], ["b.png", "p", 0, 0, 0, 0, 0]]
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    pq.write_table(table, tmp_path / "m.parquet")

    # When it is read
    # Then its row is named
    with pytest.raises(ManifestError, match=r"row 2: no file .*b\.png"):
        read_manifest(tmp_path / "m.parquet")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("m.parquet", b"path,patient\n", "it is no Parquet file"),
        ("m.csv", b"path;patient;presence\na;b;1\n", "separated by semicolons"),
        ("m.csv", b"path,patient\n\xff\xfe\x00,p\n", "save it as CSV UTF-8"),
        ("m.csv", b'path,patient\n"a.png,p\n', "it is no CSV file"),
        ("m.csv", b"", "column missing in the header: path"),
    ],
)
def test_a_file_that_is_no_manifest_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    # Given such a file
    (tmp_path / name).write_bytes(content)

    # When it is read
    # Then the message says what it is
    with pytest.raises(ManifestError, match=expected):
        read_manifest(tmp_path / name)


def test_a_manifest_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    # Given no file
    # When it is read
    # Then that is the problem
    with pytest.raises(ManifestError, match="No such file"):
        read_manifest(tmp_path / "nowhere.csv")


def test_byte_order_marks_blanks_and_empty_lines_do_no_harm(tmp_path: Path) -> None:
    # Given a file as a spreadsheet writes it
    write_rows(tmp_path, "a.png,p,0,0,0,0,0")
    text = "\ufeff" + HEADER.replace(",", " , ") + "\r\n\r\na.png , p , 0 ,0,0,0,0\r\n"
    (tmp_path / "m.csv").write_bytes(text.encode())

    # When it is read
    # Then its record is there
    assert [record.patient for record in read_manifest(tmp_path / "m.csv")] == ["p"]
