"""What the commands say on the terminal: progress, tables, and errors without a trace."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

console = Console()
errors = Console(stderr=True, soft_wrap=True)

TRAINING_PACKAGES = ("torch", "torchvision", "scipy", "onnx", "matplotlib", "cv2")


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def fail(message: str) -> NoReturn:
    """Say what is wrong and end with status 1."""
    errors.print(f"[red]error:[/red] {message}", highlight=False, markup=True)
    raise typer.Exit(1)


@contextmanager
def plain_errors(*expected: type[Exception]) -> Iterator[None]:
    """Expected errors become one message; anything else is a bug and keeps its trace."""
    try:
        yield
    except expected as error:
        no_room = isinstance(error, OSError) and error.errno in NO_ROOM
        advice = ": make room, and give the same command again" if no_room else ""
        fail(f"{error}{advice}".replace("[", r"\["))


def require_training(packages: tuple[str, ...] = TRAINING_PACKAGES) -> None:
    """End with one sentence where the packages of the training extra are missing."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        fail(
            f"this command needs {', '.join(missing)}: install the training extra with "
            r"`pip install 'densa\[training]'`."
        )


def progress_bar() -> Progress:
    """A bar with count, time spent and time left; silent where there is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
