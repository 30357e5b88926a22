"""A primary, replicas and sentinels of Redis, as processes of their own."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from services.stack.errors import StackError
from services.stack.redis_server import find_redis_server

PRIMARY = "densa"
PASSWORD = "sentinels/and:redis"  # needs quoting
DOWN_AFTER_MILLISECONDS = 1000
LIMIT_SECONDS = 30.0


@dataclass
class Sentinels:
    """One primary, two replicas, three sentinels."""

    folder: Path
    binary: Path
    servers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    sentinels: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """As DENSA_REDIS_URL has it."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        return f"sentinel://:sentinels%2Fand%3Aredis@{hosts}/{PRIMARY}"

    def client(self, port: int) -> redis.Redis:
        """A client of one server. Close it."""
        return redis.Redis(port=port, password=PASSWORD)

    def primary(self) -> int:
        """The port of the primary, as the sentinels have it."""
        with redis.Redis(port=next(iter(self.sentinels))) as client:
            _, port = client.sentinel_get_master_addr_by_name(PRIMARY)
        return int(port)

    def replicas(self) -> list[int]:
        """The ports of the other servers."""
        return [port for port in self.servers if port != self.primary()]

    def start(self) -> None:
        """Starts all; returns when the replicas follow and the sentinels know each other."""
        first, *others = [self._start_server(_free_port()) for _ in range(3)]
        for port in others:
            with self.client(port) as client:
                client.execute_command("REPLICAOF", "127.0.0.1", first)
        for number in range(3):
            self._start_sentinel(number, first)
        _until(lambda: all(self._sees_all(port) for port in self.sentinels))

    def kill(self, port: int) -> None:
        """SIGKILL of a server."""
        self.servers[port].kill()
        self.servers.pop(port).wait()

    @contextmanager
    def unreplicated(self) -> Iterator[None]:
        """While it lasts replicas get nothing that the primary writes."""
        replicas = self.replicas()
        self._log_in_with("none", replicas)
        with self.client(self.primary()) as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "replica")
        try:
            yield
        finally:
            self._log_in_with(PASSWORD, replicas)

    def stop(self) -> None:
        """Ends all."""
        for process in (*self.sentinels.values(), *self.servers.values()):
            process.kill()
            process.wait()

    def _log_in_with(self, password: str, replicas: list[int]) -> None:
        for port in replicas:
            with self.client(port) as client:
                client.config_set("masterauth", password)

    def _start_server(self, port: int) -> int:
        folder = self.folder / str(port)
        folder.mkdir()
        self.servers[port] = subprocess.Popen(
            [
                *(self.binary, "--port", str(port), "--dir", str(folder), "--save", ""),
                *("--requirepass", PASSWORD, "--masterauth", PASSWORD),
                *("--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"),
            ],
            stdout=subprocess.DEVNULL,
        )
        with self.client(port) as client:
            _until(lambda: _answers(client))
        return port

    def _start_sentinel(self, number: int, primary: int) -> None:
        port = _free_port()
        config = self.folder / f"sentinel-{number}.conf"
        config.write_text(
            f"port {port}\ndir {self.folder}\n"
            f"sentinel monitor {PRIMARY} 127.0.0.1 {primary} 2\n"
            f"sentinel auth-pass {PRIMARY} {PASSWORD}\n"
            f"sentinel down-after-milliseconds {PRIMARY} {DOWN_AFTER_MILLISECONDS}\n"
            f"sentinel failover-timeout {PRIMARY} 5000\n"
        )
        self.sentinels[port] = subprocess.Popen(
            [self.binary, str(config), "--sentinel"], stdout=subprocess.DEVNULL
        )

    def _sees_all(self, port: int) -> bool:
        with redis.Redis(port=port) as client:
            if not _answers(client):
                return False
            told = client.sentinel_master(PRIMARY)
        return (told["num-slaves"], told["num-other-sentinels"]) == (2, 2)


@contextmanager
def running_sentinels() -> Iterator[Sentinels]:
    """All of them; a skip where there is no redis-server."""
    try:
        binary = Path(find_redis_server().binary)
    except StackError as error:
        pytest.skip(str(error))
    with tempfile.TemporaryDirectory(prefix="densa-") as folder:
        sentinels = Sentinels(Path(folder), binary)
        try:
            sentinels.start()
            yield sentinels
        finally:
            sentinels.stop()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < end, "Redis and its sentinels do not come up"
        time.sleep(0.05)
