"""`densa classify` that was killed: the same command again, every result once."""

import csv
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
import redis

from tests.bundles import write_tiny_bundle
from tests.stack_fixture import RealStack, real_stack

IMAGES = 300
LIMIT_SECONDS = 60


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    folder = tmp_path_factory.mktemp("goes-on")
    write_tiny_bundle(folder / "tiny" / "1")
    with real_stack(folder / "tiny" / "1", folder / "data") as stack:
        yield stack


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Micrographs each of its own grey and bytes, and one that is none."""
    archive = tmp_path_factory.mktemp("archive") / "archive"
    archive.mkdir()
    for number in range(IMAGES - 1):
        pixels = np.full((64, 64), number % 200, np.uint8)
        pixels[number // 60, number % 60] = 255
        cv2.imwrite(str(archive / f"field-{number:03}.png"), pixels)
    (archive / "text.tif").write_text("no image at all")
    return archive


def _command(stack: RealStack, archive: Path, out: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "services.client", "classify", str(archive)]
    return [*command, "--out", str(out), "--address", stack.address, "--in-flight", "16", *more]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _killed_in_the_middle(command: list[str], rows: Path, signum: int) -> None:
    """Runs the command, and stops it when some rows are there and others are not."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        end = time.monotonic() + LIMIT_SECONDS
        while not rows.exists() or rows.read_bytes().count(b"\n") < 20:
            assert process.poll() is None, "it ended before it could be stopped"
            assert time.monotonic() < end, "no rows come"
        process.send_signal(signum)
        process.communicate(timeout=LIMIT_SECONDS)


def _accepted(stack: RealStack) -> Counter[bytes]:
    """How often each image was accepted, in all jobs."""
    with redis.Redis.from_url(stack.redis_url) as client:
        return Counter(
            image for name in client.scan_iter("densa:job:*:images") for image in client.hkeys(name)
        )


def test_a_run_that_was_killed_twice_has_every_row_once_and_sent_every_image_once(
    stack: RealStack, archive: Path, tmp_path: Path
) -> None:
    # Given
    out = tmp_path / "results.csv"
    command = _command(stack, archive, out)
    before = _accepted(stack)
    _killed_in_the_middle(command, out, signal.SIGKILL)
    with out.open("a") as file:
        file.write('torn,"off in the mid')  # as a kill within a write leaves it
    _killed_in_the_middle(command, out, signal.SIGINT)

    # When
    done = _run(command)

    # Then
    assert done.returncode == 2, done.stderr
    assert "Going on in job" in done.stderr
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["image_id"] for row in rows}) == len(rows) == IMAGES
    assert [row["image_id"] for row in rows if row["error_reason"]] == ["archive/text.tif"]
    assert all(row["path"].startswith(str(archive)) for row in rows)
    assert set((_accepted(stack) - before).values()) == {1}
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]


def test_parquet_goes_on_as_well(stack: RealStack, archive: Path, tmp_path: Path) -> None:
    # Given
    out = tmp_path / "results.parquet"
    command = _command(stack, archive, out)
    _killed_in_the_middle(command, tmp_path / ".results.parquet.rows", signal.SIGKILL)

    # When
    done = _run(command)

    # Then
    assert done.returncode == 2, done.stderr
    ids = pq.read_table(out).column("image_id").to_pylist()
    assert len(set(ids)) == len(ids) == IMAGES
    assert [path.name for path in tmp_path.iterdir()] == ["results.parquet"]


def test_a_job_that_is_gone_meanwhile_costs_its_results_and_no_row(
    stack: RealStack, archive: Path, tmp_path: Path
) -> None:
    # Given
    out = tmp_path / "results.jsonl"
    command = _command(stack, archive, out)
    _killed_in_the_middle(command, out, signal.SIGKILL)
    journal = (tmp_path / ".results.jsonl.journal").read_text().splitlines()
    job = next(said["job"] for said in map(json.loads, journal) if "job" in said)
    with redis.Redis.from_url(stack.redis_url) as client:
        client.delete(*client.scan_iter(f"densa:job:{job}*"))

    # When
    done = _run(command)

    # Then
    assert done.returncode == 2, done.stderr
    assert "Its job is gone" in done.stderr
    ids = [json.loads(line)["image_id"] for line in out.read_text().splitlines()]
    assert len(set(ids)) == len(ids) == IMAGES


def test_another_command_does_not_take_over_and_changed_files_are_named(
    stack: RealStack, archive: Path, tmp_path: Path
) -> None:
    # Given
    out = tmp_path / "results.csv"
    command = _command(stack, archive, out)
    _killed_in_the_middle(command, out, signal.SIGKILL)

    # When
    other = _run([*command, "--pixel-size-nm", "5"])
    (archive / "field-000.png").touch()
    again = _run(command)
    anew = _run(_command(stack, archive, out, "--pixel-size-nm", "5", "--restart"))

    # Then
    assert other.returncode == 1
    assert "--restart" in other.stderr
    assert "1 files have changed since they were sent" in again.stderr
    assert anew.returncode == 2
    with out.open(newline="") as file:
        sizes = {row["pixel_size_nm"] for row in csv.DictReader(file)}
    assert sizes == {"5.0", ""}
