"""The worker's end of the decoder processes, and of the process that forks them."""

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

from services.inference.settings import plain_environment

FORK_SERVER = "services.inference.sandbox.fork_server"

START_SECONDS = 60.0
"""How long a fork may take: the first waits until the fork server has loaded what it needs."""

END_SECONDS = 5.0

ALLOCATION = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
}
"""glibc keeps the memory of one image for the next instead of giving it back to the kernel and
asking for it again, page by page."""


class ForkServerGoneError(Exception):
    """Expected: the fork server does not answer. All its decoders are gone too."""


@dataclass(frozen=True, slots=True)
class DecoderProcess:
    """A running decoder."""

    pid: int
    connection: Connection
    desk: int
    """A file in memory that both share: the image before, its windows after."""

    def close(self) -> None:
        """Lets go of what is shared with it."""
        self.connection.close()
        os.close(self.desk)


class ForkServer:
    """A running fork server. Safe to use from several threads."""

    def __init__(self, module: str = FORK_SERVER) -> None:
        self._lock = threading.Lock()
        self._orders, theirs = socket.socketpair()
        self._orders.settimeout(START_SECONDS)
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  # our own module
                # -P: where this process finds its modules, and not in the current directory.
                [sys.executable, "-P", "-m", module, str(theirs.fileno())],
                env={
                    **plain_environment(),
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                    "OPENBLAS_NUM_THREADS": "1",  # with a thread a fork would not be safe
                    **ALLOCATION,
                },
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def fork(self, memory_bytes: int, seconds: float) -> DecoderProcess:
        """A new decoder. Reading from its connection ends after `seconds` with BlockingIOError.

        Raises ForkServerGoneError.
        """
        ours, theirs = socket.socketpair()
        # By the kernel: to ask whether there is something to read would be 0.1 ms an image.
        whole, rest = divmod(seconds, 1)
        ours.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(whole), int(rest * 1e6))
        )
        desk = _memory_file()
        connection = Connection(ours.detach())
        with theirs:
            try:
                pid = self._ask(b"F %d" % memory_bytes, [theirs.fileno(), desk])
            except ForkServerGoneError:
                connection.close()
                os.close(desk)
                raise
        return DecoderProcess(pid, connection, desk)

    def end(self, decoder: DecoderProcess) -> int:
        """Ends a decoder if it has not ended; the number of the signal that ended it, or 0.

        Raises ForkServerGoneError.
        """
        decoder.close()
        status = self._ask(b"E %d" % decoder.pid)
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def close(self) -> None:
        """Ends the fork server, and the kernel its decoders with it."""
        self._orders.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def _ask(self, order: bytes, files: list[int] | None = None) -> int:
        try:
            with self._lock:
                socket.send_fds(self._orders, [order], files or [])
                answer = self._orders.recv(64)
        except OSError as error:
            raise ForkServerGoneError(str(error)) from error
        if not answer:
            raise ForkServerGoneError
        return int(answer)


def _memory_file() -> int:
    """A file that is in memory only and has no name."""
    if sys.platform == "linux":
        return os.memfd_create("densa-desk")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
