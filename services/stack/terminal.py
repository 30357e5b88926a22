"""What a person in front of the stack sees: a spinner where there is a terminal, else lines."""

import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.status import Status

from services.client.options import DEFAULT_ADDRESS

PLAIN_WIDTH = 120
"""Columns where there is no terminal to ask."""


def make_console() -> Console:
    """A console for standard output; without a terminal it writes no control characters."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


class TerminalVoice:
    """Says what is waited for and what happened."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def waiting(self, what: str) -> None:
        """Show what is waited for."""
        text = f"Waiting for {what} ..."
        if not self._console.is_terminal:
            self._console.print(text)
        elif self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        else:
            self._status.update(text)

    def say(self, sentence: str) -> None:
        """Show something that happened."""
        self._console.print(sentence, markup=False, soft_wrap=True)

    def done(self) -> None:
        """Nothing is waited for any more."""
        if self._status is not None:
            self._status.stop()
            self._status = None


def program() -> str:
    """How this command is called from here: `densa` where it is on the PATH, else its path."""
    this, found = Path(sys.argv[0]), shutil.which("densa")
    if found is not None and this.exists() and Path(found).samefile(this):
        return "densa"
    try:
        return str(this.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(this)


def next_steps(address: str) -> str:
    """Three commands to try against a service."""
    densa, where = program(), "" if address == DEFAULT_ADDRESS else f" --address {address}"
    return (
        f"  {densa} classify FOLDER --out results.csv{where}\n"
        f"  {densa} classify IMAGE.tif --pixel-size-nm 5 --out -{where}\n"
        f"  {densa} status{where}"
    )
