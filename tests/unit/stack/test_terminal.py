"""What a person sees: lines without a terminal, a spinner with one."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from services.stack.terminal import TerminalVoice, next_steps, program


def test_without_a_terminal_every_step_is_a_line() -> None:
    # Given
    file = io.StringIO()
    voice = TerminalVoice(Console(file=file, width=80))

    # When
    voice.waiting("Redis")
    voice.waiting("a worker")
    voice.say("The worker [1] ended.")
    voice.done()

    # Then
    assert file.getvalue() == (
        "Waiting for Redis ...\nWaiting for a worker ...\nThe worker [1] ended.\n"
    )


def test_with_a_terminal_a_spinner_says_what_is_waited_for() -> None:
    # Given
    file = io.StringIO()
    voice = TerminalVoice(Console(file=file, width=80, force_terminal=True))

    # When
    voice.waiting("Redis")
    voice.waiting("a worker")
    voice.done()

    # Then
    assert "Waiting for a worker ..." in file.getvalue()
    assert voice._status is None


def test_the_next_commands_can_be_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    command = tmp_path / "bin" / "densa"
    command.parent.mkdir()
    command.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(command)])
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    # When
    here = program()
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin")
    on_path = program()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    elsewhere = program()

    # Then
    assert (here, on_path, elsewhere) == ("bin/densa", "densa", str(command))


def test_an_address_is_named_only_where_it_is_not_the_default() -> None:
    assert "--address" not in next_steps("127.0.0.1:50051")
    assert next_steps("127.0.0.1:4711").count("--address 127.0.0.1:4711") == 3
