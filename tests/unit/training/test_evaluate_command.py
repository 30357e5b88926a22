"""`densa evaluate` as a person types it, with a bundle that answers by brightness."""

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.training import cli
from tests.bundles import write_tiny_bundle
from tests.unit.training.manifests import HEADER, write_rows

ROWS = (
    "a.png,p1,1,1,0,0,0",
    "b.png,p2,0,0,0,0,0",
    "c.png,p3,1,0,1,0,0",
    "d.png,p4,0,0,0,0,0",
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_bundle(path)
    return path


def type_evaluate(line: str) -> Result:
    """Run `evaluate` with what a person would type after it."""
    return CliRunner().invoke(cli.app, ["evaluate", *shlex.split(line)])


def test_a_table_is_printed_and_nothing_written_where_no_file_is_named(
    tmp_path: Path, bundle: Path
) -> None:
    # Given a manifest
    data = write_rows(tmp_path, *ROWS)
    before = set(tmp_path.iterdir())

    # When a bundle is evaluated on it
    result = type_evaluate(f"--data {data} --model {bundle} --draws 100")

    # Then the answer is on the terminal
    assert result.exit_code == 0, result.output
    assert "subendothelial" in result.output
    assert "4 micrographs of 4 patients" in result.output
    assert set(tmp_path.iterdir()) == before


def test_the_test_split_is_taken_where_there_is_one_and_any_other_by_name(
    tmp_path: Path, bundle: Path
) -> None:
    # Given a manifest that splits
    splits = ("test", "test", "train", "train")
    rows = (f"{row},{split}" for row, split in zip(ROWS, splits, strict=True))
    data = write_rows(
        tmp_path,
        *(row.replace(",0,1,0,0,train", ",1,0,0,0,train") for row in rows),
        header=HEADER + ",split",
    )
    order = f"--data {data} --model {bundle} --draws 100 --json {tmp_path / 'r.json'}"

    # When nothing, a split, or all is asked for
    found = {}
    for split in ("", "train", "all"):
        result = type_evaluate(f"{order} --split '{split}'")
        assert result.exit_code == 0, result.output
        report = json.loads((tmp_path / "r.json").read_text())
        found[split] = (report["micrographs"], report["data"]["split"])

    # Then each time it is said what was used
    assert found == {
        "": (2, "split test"),
        "train": (2, "split train"),
        "all": (4, "all rows"),
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("--split holdout", "give one of train, validation, calibration, test, all"),
        ("--split test", "no row has the split test"),
        ("--model nowhere", "There is no model bundle at nowhere"),
        ("--data nowhere.csv", "cannot be read: No such file"),
        ("--report {folder}", "is a folder: give the name of a file"),
    ],
)
def test_what_stands_in_the_way_is_one_message_and_status_1(
    change: str, expected: str, tmp_path: Path, bundle: Path
) -> None:
    # Given an order with one mistake
    data = write_rows(tmp_path, *ROWS)
    order = f"--data {data} --model {bundle} {change.format(folder=tmp_path)}"

    # When it is typed
    result = type_evaluate(order)

    # Then the message says what to do, without a trace
    assert result.exit_code == 1
    assert expected in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_a_full_disk_leaves_the_report_that_was_there(
    tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an older report, and a disk that fills while a new one is written
    data, report = write_rows(tmp_path, *ROWS), tmp_path / "report.json"
    report.write_text("older")

    def half(path: Path, text: str, **_: object) -> int:
        path.write_bytes(text.encode()[:100])
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", half)

    # When an evaluation is written over it
    result = type_evaluate(f"--data {data} --model {bundle} --draws 100 --json {report}")

    # Then the error is told, the older one is whole, and no half file is left
    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert report.read_text() == "older"
    assert not list(tmp_path.glob("*.part"))


def test_ctrl_c_is_told_and_leaves_nothing(
    tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a person who interrupts while micrographs are classified
    data = write_rows(tmp_path, *ROWS)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("services.training.evaluation.evaluate_model", interrupt)

    # When that happens
    result = type_evaluate(f"--data {data} --model {bundle} --json {tmp_path / 'r.json'}")

    # Then the status is a shell's, the sentence says what to do, and no file is there
    assert result.exit_code == 130
    assert "interrupted: the evaluation is not finished" in result.output
    assert not list(tmp_path.glob("r.json*"))
