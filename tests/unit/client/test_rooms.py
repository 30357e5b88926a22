"""Commands of other rooms: listed always, run where they are installed."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
import typer
from typer.testing import CliRunner

from services.client import rooms
from services.client.rooms import GROUP, add_room_commands


def _app(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> typer.Typer:
    monkeypatch.setattr(rooms, "entry_points", lambda group: points if group == GROUP else ())
    app = typer.Typer()
    app.command("here")(lambda: None)
    add_room_commands(app)
    return app


def missing_when_run() -> None:
    """Needs what is not there."""
    raise ModuleNotFoundError("No module named 'torch'", name="torch")


def broken() -> None:
    """Has a bug."""
    raise ModuleNotFoundError("No module named 'services.gone'", name="services.gone")


def test_a_command_that_is_not_installed_is_listed_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    app = _app(monkeypatch, EntryPoint("paint", "services.atelier.cli:paint", GROUP))

    # When
    listed = CliRunner().invoke(app, ["--help"])
    run = CliRunner().invoke(app, ["paint"])

    # Then
    assert "paint" in listed.stdout
    assert run.exit_code == 1
    assert "pip install 'densa[atelier]'" in run.stderr


def test_what_is_missing_only_when_it_runs_is_said_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    point = EntryPoint("train", f"{__name__}:missing_when_run", GROUP)
    monkeypatch.setattr(rooms, "_room", lambda _: "training")
    app = _app(monkeypatch, point)

    # When
    run = CliRunner().invoke(app, ["train"])

    # Then
    assert run.exit_code == 1
    assert "densa train needs torch, which is not installed" in run.stderr


def test_a_module_of_ours_that_is_missing_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    monkeypatch.setattr(rooms, "_room", lambda _: "training")
    app = _app(monkeypatch, EntryPoint("train", f"{__name__}:broken", GROUP))

    # When
    run = CliRunner().invoke(app, ["train"])

    # Then
    assert isinstance(run.exception, ModuleNotFoundError)


def test_help_loads_nothing_heavy() -> None:
    # Given
    code = (
        "import sys\n"
        "from services.client.app import make_app\n"
        "make_app()(['--help'], standalone_mode=False)\n"
        "heavy = {'torch', 'pyarrow', 'numpy', 'onnxruntime', 'celery'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )

    # When
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    # Then
    assert done.returncode == 0, done.stderr
    for command in ("classify", "status", "up", "demo", "train"):
        assert f" {command} " in done.stdout
