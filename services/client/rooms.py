"""Commands that other rooms bring, found by their entry points: no room is imported by name."""

import functools
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer

from services.client.exit_status import NONE

GROUP = "densa.commands"

MODELS_GROUP = "densa.models_commands"
"""Commands of `densa models`."""

PANELS = {
    "stack": "Serve on this machine",
    "training": "Make and judge models",
}
"""Room: heading of its commands in the help. A new room gets one of its own name."""

Command = Callable[..., None]


def add_room_commands(app: typer.Typer, group: str = GROUP) -> None:
    """Add every room's commands, those of rooms that are not installed included."""
    found = {point.name: point for point in entry_points(group=group)}
    for name, point in sorted(found.items(), key=lambda item: (_room(item[1]), item[0])):
        panel = PANELS.get(_room(point), _room(point))
        app.command(name, rich_help_panel=panel)(_load(point))


def _room(point: EntryPoint) -> str:
    """`services.training.cli` is of the room training, which is also its extra's name."""
    return point.module.split(".")[1]


def _load(point: EntryPoint) -> Command:
    """The room's function; in its place one that says what to install where it cannot be."""
    try:
        function = point.load()
    except ModuleNotFoundError as error:
        missing = error

        def not_installed() -> None:
            raise _what_to_install(point, missing)

        not_installed.__doc__ = f"(not installed: pip install 'densa[{_room(point)}]')"
        return not_installed
    return _explaining(point, function)


def _explaining(point: EntryPoint, function: Command) -> Command:
    # Rooms import what is heavy when a command runs, so it may be missing only then.
    @functools.wraps(function)
    def command(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] == "services":
                raise  # not a package to install: a bug of ours
            raise _what_to_install(point, error) from error

    return command


def _what_to_install(point: EntryPoint, error: ModuleNotFoundError) -> typer.Exit:
    typer.echo(
        f"densa {point.name} needs {error.name}, which is not installed: "
        f"pip install 'densa[{_room(point)}]' (in a checkout: make setup-dev).",
        err=True,
    )
    return typer.Exit(NONE)
