"""What the environment says to the stack, and what the stack says to its processes."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.stack.errors import StackError

BUNDLE = Path(__file__).resolve().parents[2] / "models" / "densa-resnet18" / "0.3.0"
"""The bundle that ships."""

REPOSITORY = BUNDLE.parents[1]
"""The model repository with the bundle that ships."""


def state_directory() -> Path:
    """One directory per user, by the XDG rules: accepted work is found again from anywhere."""
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():  # the XDG rule: what is relative is ignored
        state = Path("~/.local/state").expanduser()
    return state / "densa"


class StackSettings(BaseSettings):
    """Where `densa up` and `densa demo` keep what must outlive them."""

    model_config = SettingsConfigDict(env_prefix="DENSA_STACK_", frozen=True)

    data: Path = Field(default_factory=state_directory)
    """Directory of accepted work, Redis's file and the logs. Without it: densa in
    $XDG_STATE_HOME, which is ~/.local/state where it is not set."""

    metrics_port: int = Field(default=0, ge=0, le=65000)
    """Port of the gateway's metrics on 127.0.0.1; the workers take the next ones. 0: none."""


def stack_settings() -> StackSettings:
    """The settings. Raises StackError, which names each variable that is wrong."""
    try:
        return StackSettings()
    except ValidationError as error:
        wrong = [
            f"DENSA_STACK_{'_'.join(map(str, one['loc']))}".upper()
            + f" {one['msg'].removeprefix('Input ')}"
            for one in error.errors()
        ]
        raise StackError(". ".join(wrong) + ".") from error


def child_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process with the settings of a child in it."""
    return {**os.environ, **settings}
