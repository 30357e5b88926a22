"""Where a stack keeps its data when it is not told."""

from pathlib import Path

import pytest

from services.stack.settings import StackSettings, child_environment


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("/var/state", "/var/state/densa"),
        ("relative", "/home/somebody/.local/state/densa"),
        ("", "/home/somebody/.local/state/densa"),
    ],
)
def test_data_go_where_the_user_s_state_goes(
    monkeypatch: pytest.MonkeyPatch, state: str, expected: str
) -> None:
    # Given
    monkeypatch.delenv("DENSA_STACK_DATA", raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("XDG_STATE_HOME", state)

    # When / Then
    assert StackSettings().data == Path(expected)


def test_the_variable_is_stronger(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    monkeypatch.setenv("DENSA_STACK_DATA", "/data")

    # When / Then
    assert StackSettings().data == Path("/data")


def test_a_child_gets_this_environment_and_its_own_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setenv("KEPT", "yes")
    monkeypatch.setenv("CHANGED", "before")

    # When
    environment = child_environment({"CHANGED": "after"})

    # Then
    assert (environment["KEPT"], environment["CHANGED"]) == ("yes", "after")
