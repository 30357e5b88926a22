"""A file that holds no weights of ours is told, before anything is written."""

import shlex
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from services.training import cli
from services.training.checkpoint import START, load_network, save_network
from services.training.commands import train_steps
from services.training.network import CascadeNet, DensaNet
from services.training.vision import torchvision_models
from tests.training_data import write_square_set
from tests.unit.training.manifests import write_rows

JUNK = {
    "empty": b"",
    "page": b"<!DOCTYPE html><title>404</title>",
    "text": b"junk",
    "cut": b"PK\x03\x04",
}


def type_command(line: str) -> Result:
    """Run the application with what a person would type after `densa`."""
    return CliRunner().invoke(cli.app, shlex.split(line))


@pytest.fixture(params=[*JUNK, "list", "no network", "another network"])
def junk(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "junk.pt"
    if request.param in JUNK:
        path.write_bytes(JUNK[request.param])
    elif request.param == "another network":
        torch.save({"kind": "shared", "network": CascadeNet().state_dict()}, path)
    else:
        torch.save([1] if request.param == "list" else {"weight": torch.zeros(3)}, path)
    return path


def test_a_file_that_is_no_checkpoint_is_told(junk: Path) -> None:
    # Given a file that holds something else
    # When its network is wanted
    # Then one sentence names the file and what to give
    with pytest.raises(ValueError, match=rf"{junk}.*: give"):
        load_network(junk)


def test_evaluating_what_is_no_checkpoint_is_one_message(tmp_path: Path) -> None:
    # Given a file that is no checkpoint
    (tmp_path / "junk.pt").write_bytes(JUNK["page"])
    data = write_rows(tmp_path, "a.png,p1,0,0,0,0,0")

    # When it is evaluated
    result = type_command(f"evaluate --data {data} --model {tmp_path / 'junk.pt'}")

    # Then the message says so, and there is no trace
    assert result.exit_code == 1
    assert "no file of torch's" in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("option", ["--imagenet", "--start"])
def test_after_wrong_weights_the_right_ones_are_taken(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_steps, "_load_and_train", lambda *_: None)

    # Given a run that was to begin with a page that was saved for weights
    data, weights = write_square_set(tmp_path / "data", patients=40), tmp_path / "weights.pth"
    command = (
        f"train --data {data} --run {tmp_path / 'run'} --epochs 1 --crop 64 --size 64 --batch 16 "
        f"--validation-share 0.25 --calibration-share 0.25 {option} {weights}"
    )
    weights.write_bytes(JUNK["page"])
    refused = type_command(command)

    # When the right file lies there and the same command is given
    if option == "--start":
        save_network(weights, DensaNet())
    else:
        torch.save(torchvision_models().resnet18(weights=None).state_dict(), weights)
    taken = type_command(command)

    # Then the first was refused without a trace of it, and the second is a run
    assert refused.exit_code == 1
    assert str(weights) in refused.output
    assert taken.exit_code == 0, taken.output
    assert (tmp_path / "run" / START).is_file()
