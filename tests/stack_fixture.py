"""A real stack for tests: real Redis, real worker, real gateway, on a free port.

with real_stack(bundle, tmp_path) as stack:
    DensaClient(stack.address)
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.client.event_loop_thread import EventLoopThread
from services.stack.child import Child
from services.stack.data_directory import DataDirectory
from services.stack.plan import StackPlan
from services.stack.supervisor import Stack, running_stack


@dataclass
class RecordingVoice:
    """Keeps what a stack says."""

    waited_for: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def waiting(self, what: str) -> None:
        """Note what is waited for."""
        self.waited_for.append(what)

    def say(self, sentence: str) -> None:
        """Note what happened."""
        self.said.append(sentence)


@dataclass(frozen=True)
class RealStack:
    """A stack that serves, and its processes, which are started again when they die."""

    stack: Stack
    voice: RecordingVoice
    _thread: EventLoopThread

    @property
    def address(self) -> str:
        """HOST:PORT of the gateway."""
        return self.stack.address

    @property
    def redis_url(self) -> str:
        """As DENSA_REDIS_URL has it."""
        return self.stack.redis_url

    @property
    def store(self) -> Path:
        """The image store's directory."""
        return self.stack.store

    @property
    def logs(self) -> Path:
        """Where the processes log: redis.log, worker-1.log, gateway.log."""
        return self.stack.data / "logs"

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of those that run now: redis, worker-1 (and so on), gateway."""
        children = self.stack.processes.in_order
        return {child.name: child.pid for child in children if child.pid is not None}

    def kill(self, name: str) -> None:
        """`kill -9` of one process. Returns when it is gone; the stack starts it again."""
        child = self._child(name)
        process, pid = child.process, child.pid
        if process is None or pid is None:
            raise RuntimeError(f"The {name} does not run.")
        os.kill(pid, signal.SIGKILL)
        self._thread.run(process.wait())

    def signal(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to one process."""
        pid = self._child(name).pid
        if pid is None:
            raise RuntimeError(f"The {name} does not run.")
        os.kill(pid, number)

    def _child(self, name: str) -> Child:
        return next(child for child in self.stack.processes.in_order if child.name == name)


@contextmanager
def real_stack(
    bundle: Path,
    data: Path,
    *,
    workers: int = 1,
    settings: Mapping[str, str] | None = None,
    page_port: int | None = None,
) -> Iterator[RealStack]:
    """A stack with a bundle, keeping its data in a directory; nothing of it runs afterwards.

    Args:
        bundle: Directory of the bundle.
        data: Data directory; on the same one again, it goes on with what was accepted.
        workers: Worker processes.
        settings: More environment variables for gateway and workers.
        page_port: Of the page; 0 for any free one, None for no page.
    """
    plan = StackPlan(
        port=0,
        data=DataDirectory(data),
        workers=workers,
        bundle=bundle,
        settings=dict(settings or {}),
        page_port=page_port,
    )
    voice, thread = RecordingVoice(), EventLoopThread()
    running = running_stack(plan, voice)
    try:
        stack = thread.run(running.__aenter__())
        try:
            yield RealStack(stack, voice, thread)
        finally:
            thread.run(running.__aexit__(None, None, None))
    finally:
        thread.close()
