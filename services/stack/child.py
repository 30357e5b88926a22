"""One process of the stack: start, watch, stop."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.stack.settings import child_environment

GUARD = Path(__file__).with_name("guard.py")


@dataclass(slots=True)
class Child:
    """A process that ends with the stack.

    Start it in the thread that lives as long as the stack does: to the kernel
    the parent is a thread.
    """

    name: str
    command: Sequence[str]
    log: Path
    """Gets everything that the process writes."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables for it, besides this process's."""
    process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self.process.pid if self.running and self.process else None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Start it, or start it again."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                # Isolated and without site: a file of two imports, in milliseconds.
                *(sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), *self.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=child_environment(self.settings),
                # A Ctrl-C in the terminal is for the supervisor, which stops
                # the processes in order; they must not get it as well.
                start_new_session=True,
            )

    async def wait(self) -> int:
        """Its exit status; negative: the signal that ended it."""
        if self.process is None:
            raise RuntimeError(f"{self.name} was never started. This is a bug.")
        return await self.process.wait()

    async def stop(self, grace: float, hurry: asyncio.Event) -> None:
        """Ask it to end; after `grace` seconds, or when told to hurry, make it."""
        if not self.running:
            return
        self._signal(signal.SIGTERM)
        ended = asyncio.create_task(self.wait())
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait({ended, hurried}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not ended.done():
            self._signal(signal.SIGKILL)
        await ended

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def last_lines(self, count: int = 12) -> str:
        """The end of its log."""
        with self.log.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, maxlen=count)).rstrip()
