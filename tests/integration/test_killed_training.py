"""A training run that is killed, or stopped by Ctrl-C, ends as if it had not been."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from services.training.checkpoint import LAST, load_network
from tests.training_data import write_square_set
from tests.waiting import until

EPOCHS = 4


def command(data: Path, run: Path) -> list[str]:
    """A run of small images on one thread, which adds in the same order every time."""
    options = f"--data {data} --run {run} --epochs {EPOCHS} --crop-epochs 0 --size 64 --batch 8"
    shares = "--validation-share 0.25 --calibration-share 0 --test-share 0 --device cpu"
    words = f"train {options} {shares} --threads 1".split()
    return [sys.executable, "-m", "services.training.cli", *words]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_square_set(tmp_path_factory.mktemp("squares") / "data", patients=40)


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody stopped."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    subprocess.run(command(data, run), check=True, capture_output=True)
    return run


@pytest.mark.parametrize(
    ("how", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_a_stopped_run_goes_on_to_the_same_weights(
    data: Path, whole: Path, tmp_path: Path, how: signal.Signals, status: int
) -> None:
    # Given a run that was stopped after an epoch, before its last
    run = tmp_path / "run"
    with subprocess.Popen(command(data, run), stdout=subprocess.PIPE, text=True) as process:
        asyncio.run(until((run / LAST).exists, limit=120.0))
        process.send_signal(how)
        said = process.communicate()[0]
    assert process.returncode == status
    assert ("Give the same command again" in said) == (how is signal.SIGINT)

    # When the same command is given again
    again = subprocess.run(command(data, run), check=True, capture_output=True, text=True)

    # Then it goes on, and ends with the same weights, bit for bit, and the same log
    assert "going on after epoch" in again.stdout
    one, other = (load_network(folder / LAST).state_dict() for folder in (whole, run))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (run / "metrics.csv").read_bytes() == (whole / "metrics.csv").read_bytes()
