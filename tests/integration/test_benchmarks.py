"""The benchmark as it is typed, on a service of its own: very short, null model."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.helper import ROOT

SECONDS = 60.0
BENCHMARK = [sys.executable, "-m", "benchmarks", "--models", "null", "--formats", "jpeg"]
SHORT = ["--quick", "--seconds", "0.2", "--concurrency", "2", "--memory-images", "150"]


def test_a_short_benchmark_measures_everything_it_promises(tmp_path: Path) -> None:
    # Given
    written = tmp_path / "results.json"
    # When
    done = subprocess.run(
        [*BENCHMARK, *SHORT, "--json", str(written)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    # Then
    assert done.returncode == 0, done.stderr
    results = json.loads(written.read_text())
    (group,) = results["groups"]
    assert (group["model"], group["format"]) == ("null", "jpeg")
    assert len(group["limits"]) == 2
    assert min(group["limits"]) > 0
    assert [(cell["style"], cell["concurrency"]) for cell in group["cells"]] == [
        ("unary", 2),
        ("stream", 2),
    ]
    for cell in group["cells"]:
        load = cell["load"]
        assert load["images"] > 0
        assert 0 < load["p50_ms"] <= load["p99_ms"]
        assert set(load["cpu_ms"]) == {"gateway", "worker", "redis", "client"}
        mean_limit = sum(group["limits"]) / 2
        assert cell["ratio"] == pytest.approx(load["images_per_second"] / mean_limit)
    assert group["latency"]["service_ms"] > 0
    assert results["memory_images"] >= 150
    assert results["memory"]["most"] > 0
    assert {goal["name"] for goal in results["goals"]} == {"one at a time", "gateway memory flat"}
    assert "### null, JPEG 1024x1024" in done.stdout
    assert "### Goals" in done.stdout


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose name leaves room for that of a unix socket, as tmp_path does not."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_an_interrupted_benchmark_leaves_nothing_behind(short_folder: Path) -> None:
    # Given a benchmark that measures
    command = ["env", f"TMPDIR={short_folder}", *BENCHMARK]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        while "the limit" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        family = psutil.Process(process.pid).children(recursive=True)
        # When
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        status = process.wait(SECONDS)
    # Then
    assert status == 130, rest
    assert "Interrupted" in rest
    assert "Traceback" not in rest
    assert len(family) >= 5  # load, limit, redis, worker, gateway
    assert not [each for each in family if each.is_running()]
    assert not list(short_folder.glob("densa-*"))
