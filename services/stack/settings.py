"""What the environment says to the stack, and what the stack says to its processes.

The only reader of the environment in this room. Options of the command that
have a variable (DENSA_DATA) name it themselves.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

BUNDLE = Path(__file__).resolve().parents[2] / "models" / "densa-resnet18" / "0.1.0"
"""The bundle that ships."""


class StateSettings(BaseSettings):
    """Where programs of this user keep what must outlive them."""

    model_config = SettingsConfigDict(frozen=True)

    xdg_state_home: Path | None = None
    """The XDG base directory for state; ~/.local/state where it is not set."""


def default_data_directory() -> Path:
    """One per user, wherever the command is given: accepted work is found again from anywhere."""
    state = StateSettings().xdg_state_home
    if state is None or not state.is_absolute():  # the XDG rule: ignore what is relative
        state = Path("~/.local/state").expanduser()
    return state / "densa"


def child_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process with the settings of a child in it."""
    return {**os.environ, **settings}
