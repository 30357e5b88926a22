"""`densa classify` as it is typed."""

import json
import signal
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.client.app import make_app
from services.client.exit_status import ALL, INTERRUPTED, NONE, SOME
from services.client.report import SHOWN
from tests.unit.client.fake_service import FakeServer, FakeService, status_of


def _densa(*arguments: object) -> Result:
    return CliRunner().invoke(make_app(), [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "biopsy"
    folder.mkdir()
    for name in ("a.tif", "b.tif", "c.tif"):
        (folder / name).write_bytes(name.encode())
    return folder


def test_a_folder_becomes_a_table_and_a_file(
    server: FakeServer, folder: Path, tmp_path: Path
) -> None:
    # When
    result = _densa(
        "classify", folder, "--address", server.address, "--out", tmp_path / "results.csv"
    )

    # Then
    assert result.exit_code == ALL
    assert "biopsy/b.tif" in result.stdout
    assert "0.90 +" in result.stdout
    assert "3 of 3 classified, 3 with deposits, 0 failed." in result.stdout
    assert "For Research Use Only." in result.stdout
    assert len((tmp_path / "results.csv").read_text().splitlines()) == 4
    assert "\x1b" not in result.output


def test_bad_files_are_listed_with_their_reasons(
    server: FakeServer, folder: Path, tmp_path: Path
) -> None:
    # Given
    (folder / "d.tif").write_bytes(b"bad")
    (folder / "e.tif").write_bytes(b"truncated")
    (folder / "f.tif").write_bytes(bytes(1001))

    # When
    result = _densa("classify", folder, tmp_path / "vanished.tif", "--address", server.address)

    # Then
    assert result.exit_code == SOME
    for line in (
        f"{folder}/d.tif: UNSUPPORTED_FORMAT: No image.",
        f"{folder}/e.tif: TRUNCATED_IMAGE: It ends early.",
        f"{folder}/f.tif: IMAGE_TOO_LARGE: ",
        f"{tmp_path}/vanished.tif: UNREADABLE_FILE: Cannot read ",
        "3 of 7 classified, 3 with deposits, 4 failed.",
    ):
        assert line in result.stdout


def test_a_pipe_gets_json_lines_and_nothing_else(server: FakeServer, folder: Path) -> None:
    # When
    result = _densa(
        "classify", folder, "--address", server.address, "--out", "-", "--case-id", "biopsy 17"
    )

    # Then
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert sorted(row["image_id"] for row in rows) == [
        "biopsy/a.tif",
        "biopsy/b.tif",
        "biopsy/c.tif",
    ]
    assert {row["case_id"] for row in rows} == {"biopsy 17"}
    assert "3 of 3 classified" in result.stderr
    assert result.exit_code == ALL


def test_many_images_make_a_short_table(server: FakeServer, folder: Path) -> None:
    # Given
    for number in range(SHOWN * 2):
        (folder / f"{number}.png").write_bytes(b"pixels" if number % 2 else b"bad")

    # When
    result = _densa("classify", folder, "--address", server.address)

    # Then
    assert result.stdout.count("0.90 +") == SHOWN
    assert "3 more are not shown" in result.stdout
    assert f"{SHOWN + 3} of {SHOWN * 2 + 3} classified" in result.stdout


def test_when_all_fail_the_status_says_so(server: FakeServer, tmp_path: Path) -> None:
    assert _densa("classify", tmp_path / "no.tif", "--address", server.address).exit_code == NONE


def test_no_service_is_one_sentence_and_what_to_do(folder: Path) -> None:
    # When
    result = _densa("classify", folder, "--address", "127.0.0.1:1")

    # Then
    assert result.exit_code == NONE
    assert result.stderr == (
        "densa: No Densa service answers at 127.0.0.1:1: Connection refused. "
        "Start one with `densa up`, or name another with --address HOST:PORT.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["classify"],
        ["classify", "a.tif", "--in-flight", "0"],
        ["classify", "a.tif", "--out", "results.doc"],
        ["classify", "."],
        ["no-such-command"],
        [],
    ],
)
def test_wrong_use_has_status_1(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    monkeypatch.chdir(tmp_path)

    # When
    result = _densa(*arguments)

    # Then
    assert result.exit_code == NONE
    assert result.output


def test_a_service_that_refuses_midway_leaves_what_was_done(
    server: FakeServer, service: FakeService, folder: Path, tmp_path: Path
) -> None:
    # Given
    refusal = status_of(7, "This key has expired.", "KEY_EXPIRED")
    service.cuts = [("answered", 2, refusal), ("opened", 2, refusal)]

    # When
    out = tmp_path / "results.jsonl"
    result = _densa("classify", folder, "--address", server.address, "--out", out)

    # Then
    assert result.exit_code == NONE
    assert "This key has expired." in result.stderr
    kept = len(out.read_text().splitlines())
    assert kept in (1, 2)  # what was on its way when the line ended may not have arrived
    assert f"{kept} of 3 classified" in result.stdout
    assert f"0 failed, {3 - kept} without an answer." in result.stdout


def test_ctrl_c_keeps_what_was_done(
    server: FakeServer, service: FakeService, folder: Path, tmp_path: Path
) -> None:
    # Given a run that is interrupted while it waits for its last answers
    service.mute = True
    out = tmp_path / "results.parquet"
    rows = tmp_path / ".results.parquet.rows"
    main = threading.main_thread().ident
    assert main is not None

    def press() -> None:
        while service.reached["accepted"] < 3 or not rows.exists() or not rows.read_bytes():
            service.all_closed.wait(0.001)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=press).start()

    # When
    result = _densa(
        "classify", folder, tmp_path / "vanished.tif", "--address", server.address, "--out", out
    )

    # Then
    assert result.exit_code == INTERRUPTED
    assert "Interrupted: what was done is kept." in result.stderr
    assert "0 of 4 classified, 0 with deposits, 1 failed, 3 without an answer." in result.stdout
    assert out.exists()
