"""The commands as a person types them."""

import inspect
import json
import shlex
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.training import cli
from services.training.commands import terminal
from services.training.commands.train import train
from services.training.config import TrainConfig
from tests.training_data import write_square_set


def type_command(line: str) -> Result:
    """Run the application with what a person would type after `densa`."""
    return CliRunner().invoke(cli.app, shlex.split(line))


def test_phantom_writes_a_set_that_train_can_read(tmp_path: Path) -> None:
    # Given an empty folder
    out = tmp_path / "drawn"

    # When a small set is drawn
    result = type_command(
        f"phantom --out {out} --patients 2 --fields 1 --size 96 --pixel-size-nm 46 --workers 1"
    )

    # Then it says where its manifest is
    assert result.exit_code == 0, result.output
    assert "2 micrographs of 2 patients" in result.output
    assert (out / "manifest.csv").is_file()


def test_train_and_evaluate_go_from_files_to_a_report(tmp_path: Path) -> None:
    # Given two sets of other patients
    training = write_square_set(tmp_path / "training", patients=40)
    test = write_square_set(tmp_path / "test", patients=4, seed=50)
    run, out = tmp_path / "run", tmp_path / "new folder"

    # When a network is trained for one epoch and its checkpoint evaluated
    trained = type_command(
        f"train --data {training} --run {run} --epochs 1 --crop 64 --batch 16 --size 64 "
        "--crop-epochs 1 --validation-share 0.25 --calibration-share 0.25"
    )
    evaluated = type_command(
        f"evaluate --model {run / 'best.pt'} --data {test} --report '{out / 'report.html'}' "
        f"--json '{out / 'report.json'}' --answers '{out / 'answers.csv'}' --draws 100"
    )

    # Then both say what they did, and the answers are on disk
    assert trained.exit_code == 0, trained.output
    assert "epoch 1: loss" in trained.output
    assert "validation 20 of 10 patients" in trained.output
    assert evaluated.exit_code == 0, evaluated.output
    assert json.loads((out / "report.json").read_text())["micrographs"] == 8
    assert "<h1>Evaluation of checkpoint" in (out / "report.html").read_text()
    assert len((out / "answers.csv").read_text().splitlines()) == 9


def test_a_bad_manifest_is_one_message_and_status_1(tmp_path: Path) -> None:
    # Given a manifest without columns
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("nonsense\n")

    # When training is asked for
    result = type_command(f"train --data {manifest} --run {tmp_path}")

    # Then all missing columns are listed, without a trace
    assert result.exit_code == 1
    assert "column missing in the header: patient" in result.output
    assert "Traceback" not in result.output


def test_without_the_training_extra_one_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given an installation without torch
    monkeypatch.setattr(terminal, "find_spec", lambda name: None if name == "torch" else name)

    # When training is asked for
    result = type_command("train --data x.csv --run y")

    # Then the sentence names package and remedy
    assert result.exit_code == 1
    assert "needs torch" in result.output
    assert "densa[training]" in result.output


def test_the_defaults_of_train_are_those_of_the_configuration() -> None:
    # Given the settings a run has by default
    settings = asdict(TrainConfig())

    # When the command's defaults are held against them
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(train).parameters.items()
        if name in settings and name not in ("start", "device", "crop_epochs")
    }

    # Then no two differ
    assert defaults == {name: settings[name] for name in defaults}
    assert len(defaults) == 15


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given data, and a person who stops the run while it trains
    from services.training import run as run_module

    def stop(*_: object) -> float:
        raise KeyboardInterrupt

    data = write_square_set(tmp_path / "data", patients=40)
    monkeypatch.setattr(run_module, "train_epoch", stop)

    # When training is asked for
    result = type_command(
        f"train --data {data} --run {tmp_path / 'run'} --epochs 2 --crop 64 --size 64 "
        "--validation-share 0.25 --calibration-share 0.25"
    )

    # Then one sentence says what is kept and how to go on, and nothing half written lies about
    assert result.exit_code == 130
    assert "Give the same command again to go on" in result.output
    assert "Traceback" not in result.output
    assert not list((tmp_path / "run").glob("*.partial"))


def test_two_sets_of_weights_to_begin_with_are_refused(tmp_path: Path) -> None:
    # Given a checkpoint and a file of ImageNet weights
    # When both are given
    result = type_command(
        f"train --data x.csv --run {tmp_path} --start a.pt --imagenet resnet18.pth"
    )

    # Then that is refused
    assert result.exit_code == 1
    assert "give one of them" in result.output


def test_help_does_not_import_torch() -> None:
    # Given a fresh interpreter
    code = "import sys, services.training.cli; print('torch' in sys.modules, 'cv2' in sys.modules)"

    # When the commands are imported
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    # Then nothing heavy was
    assert done.stdout.split() == ["False", "False"]
