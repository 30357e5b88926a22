"""`densa` as a process, against a service that is really there."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.bundles import write_tiny_bundle
from tests.integration.micrographs import micrograph
from tests.stack_fixture import RealStack, real_stack

DENSA = (sys.executable, "-m", "services.client")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    folder = tmp_path_factory.mktemp("command")
    write_tiny_bundle(folder / "tiny" / "1")
    with real_stack(folder / "tiny" / "1", folder / "data") as stack:
        yield stack


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Eight micrographs in two folders, each of its own grey, two files that are none."""
    archive = tmp_path / "archive"
    for number in range(8):
        folder = archive / f"case-{number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.full((300, 260), 20 + 30 * number, np.uint8)
        pixels[::9] += 10
        cv2.imwrite(str(folder / f"field-{number}.png"), pixels)
    (archive / "case-0" / "empty.tif").touch()
    (archive / "case-1" / "text.tif").write_text("no image at all")
    return archive


def _densa(stack: RealStack, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DENSA, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "DENSA_ADDRESS": stack.address, "COLUMNS": "120"},
    )


@contextmanager
def _started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*DENSA, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # nothing, where it has ended as it should


def test_an_archive_becomes_a_table_with_its_bad_files_named(
    stack: RealStack, archive: Path, tmp_path: Path
) -> None:
    # When
    done = _densa(stack, "classify", archive, "--out", tmp_path / "results.csv")

    # Then
    assert done.returncode == 2, done.stderr
    with (tmp_path / "results.csv").open(newline="") as file:
        rows = {row["image_id"]: row for row in csv.DictReader(file)}
    assert len(rows) == 10
    bad = {name: row["error_reason"] for name, row in rows.items() if row["error_reason"]}
    assert bad == {
        "archive/case-0/empty.tif": "EMPTY_IMAGE",
        "archive/case-1/text.tif": "UNSUPPORTED_FORMAT",
    }
    greys = [float(rows[f"archive/case-{n % 2}/field-{n}.png"]["presence"]) for n in range(8)]
    assert greys == sorted(greys)  # the tiny bundle says how bright its image is
    assert "UNKNOWN_SCALE" in rows["archive/case-0/field-0.png"]["findings"]
    for line in (
        "empty.tif: EMPTY_IMAGE: ",
        "text.tif: UNSUPPORTED_FORMAT: ",
        "8 of 10 classified",
    ):
        assert line in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_the_pixel_size_given_is_the_one_used(
    stack: RealStack, archive: Path, tmp_path: Path
) -> None:
    # When
    done = _densa(
        stack,
        *("classify", archive / "case-0" / "field-0.png", "--pixel-size-nm", 40),
        *("--out", tmp_path / "results.parquet"),
    )

    # Then
    assert done.returncode == 0, done.stderr
    (row,) = pq.read_table(tmp_path / "results.parquet").to_pylist()
    assert (row["pixel_size_nm"], row["pixel_size_source"]) == (40.0, "request")
    assert "UNKNOWN_SCALE" not in row["findings"]


def test_the_same_archive_twice_gets_the_same_answers(stack: RealStack, archive: Path) -> None:
    # When
    runs = [_densa(stack, "classify", archive, "--out", "-").stdout for _ in range(2)]

    # Then
    first, second = (
        {row["image_id"]: row["presence"] for row in map(json.loads, run.splitlines())}
        for run in runs
    )
    assert first == second
    assert len(first) == 10


def test_a_reader_that_leaves_ends_it_quietly(stack: RealStack, archive: Path) -> None:
    # Given
    command = ("classify", str(archive), "--out", "-", "--address", stack.address)
    with _started(*command) as process:
        assert process.stdout is not None
        assert process.stderr is not None

        # When
        process.stdout.readline()
        process.stdout.close()

        # Then
        assert "Traceback" not in process.stderr.read()
        assert process.wait(timeout=60) == 1


def test_ctrl_c_keeps_the_rows_and_says_so(stack: RealStack, archive: Path, tmp_path: Path) -> None:
    # Given a run in the middle of many images, and a worker that does not answer any more
    for number in range(300):
        shutil.copy(archive / "case-0" / "field-0.png", archive / f"copy-{number}.png")
    out = tmp_path / "results.jsonl"
    command = ("classify", str(archive), "--out", str(out), "--address", stack.address)
    worker = stack.pids["worker-1"]
    with _started(*command, "--in-flight", "1") as process:
        while not out.exists() or not out.read_text():
            assert process.poll() is None
        os.kill(worker, signal.SIGSTOP)

        # When
        try:
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        finally:
            os.kill(worker, signal.SIGCONT)

    # Then
    kept = len(out.read_text().splitlines())
    assert process.returncode == 130, stderr
    assert "Interrupted: what was done is kept." in stderr
    assert f"{kept} of 310 classified" in stdout
    assert f"{310 - kept} without an answer" in stdout


def test_status_describes_the_service(stack: RealStack) -> None:
    # When
    plain, programs = _densa(stack, "status"), _densa(stack, "status", "--json")

    # Then
    assert plain.returncode == programs.returncode == 0
    assert f"{stack.address}: serving" in plain.stdout
    assert "subendothelial, positive from" in plain.stdout
    state = json.loads(programs.stdout)
    assert state["models"][0]["identity"]["digest"].startswith("sha256:")
    assert state["models"][0]["workers"]


def test_status_of_no_service_is_1() -> None:
    # When
    done = subprocess.run(
        [*DENSA, "status", "--address", "127.0.0.1:1"], capture_output=True, text=True, check=False
    )

    # Then
    assert done.returncode == 1
    assert done.stderr == "densa: No Densa service answers at 127.0.0.1:1: Connection refused.\n"


def test_a_job_can_be_listed_watched_again_and_cancelled(
    stack: RealStack, archive: Path, tmp_path: Path
) -> None:
    # Given
    _densa(stack, "classify", archive, "--out", tmp_path / "first.csv")

    # When
    listed = _densa(stack, "jobs", "--json")
    newest = json.loads(listed.stdout.splitlines()[0])
    again = _densa(stack, "watch", newest["name"], "--out", tmp_path / "again.csv")
    rest = _densa(stack, "watch", newest["name"], "--cursor", newest["finished"])
    cancelled = _densa(stack, "cancel", newest["name"])
    unknown = _densa(stack, "watch", "f" * 32)

    # Then
    assert newest["accepted"] == newest["finished"] == 8
    assert (again.returncode, rest.returncode, cancelled.returncode) == (0, 0, 0)
    with (tmp_path / "first.csv").open() as first, (tmp_path / "again.csv").open() as second:
        presences = [
            sorted(row["presence"] for row in csv.DictReader(file) if row["presence"])
            for file in (first, second)
        ]
    assert presences[0] == presences[1]
    assert len(presences[1]) == 8
    assert "8 of 8" in cancelled.stdout
    assert unknown.returncode == 1
    assert "no job" in unknown.stderr


def test_jobs_are_a_table_for_people(stack: RealStack, archive: Path) -> None:
    # Given
    _densa(stack, "classify", archive, "--lane", "BULK")

    # When
    shown = _densa(stack, "jobs", "--limit", 1)

    # Then
    assert shown.returncode == 0
    assert "8 of 8" in shown.stdout
    assert "BULK" in shown.stdout


def test_cases_are_answered_in_a_table_of_their_own(stack: RealStack, tmp_path: Path) -> None:
    # Given
    for biopsy, levels in {"biopsy-1": (30, 220), "biopsy-2": (40, 20)}.items():
        folder = tmp_path / "archive" / biopsy
        folder.mkdir(parents=True)
        for level in levels:
            (folder / f"{level}.png").write_bytes(micrograph(level))
    cases = tmp_path / "cases.csv"

    # When
    arguments = ("classify", tmp_path / "archive", "--cases", cases)
    done = _densa(stack, *arguments, "--case-by-folder", "--out", tmp_path / "rows.csv")
    without = _densa(stack, *arguments)

    # Then
    assert done.returncode == 0, done.stderr
    with cases.open() as file:
        rows = {row["case_id"]: row for row in csv.DictReader(file)}
    assert sorted(rows) == ["archive/biopsy-1", "archive/biopsy-2"]
    first = rows["archive/biopsy-1"]
    assert (first["images"], first["presence_call"]) == ("2", "positive")
    assert first["presence_images"].split()[0] == "archive/biopsy-1/220.png"
    assert rows["archive/biopsy-2"]["presence_call"] == "negative"
    assert "archive/biopsy-1" in done.stdout
    assert without.returncode == 1
    assert "--case-by-folder" in without.stderr
