"""Gateway and worker as the processes that they are, started and stopped by signals.

Unlike tests/stack_fixture.py nothing supervises them: what a test stops stays
stopped, and several gateways of different settings share one Redis.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.redis_server import RedisServer, running_redis

ROOT = Path(__file__).parents[2]

START_SECONDS = 60.0
"""How long a process may take to start before the test is broken."""

STOP_SECONDS = 20.0
"""How long a process may take to end gracefully before the test is broken."""


@dataclass
class Process:
    """One process of ours."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    expected_to_run: bool = True
    """Whether it has neither been stopped nor killed."""

    def events(self, event: str) -> list[dict[str, Any]]:
        """What it logged under that name."""
        lines = self.log.read_text().splitlines()
        read = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in read if entry["event"] == event]

    def wait_for_event(self, event: str) -> dict[str, Any]:
        """The first thing logged under that name."""
        end = time.monotonic() + START_SECONDS
        while not (found := self.events(event)):
            assert self.popen.poll() is None, f"{self.name} ended:\n{self.log.read_text()}"
            assert time.monotonic() < end, f"{self.name}: no {event}:\n{self.log.read_text()}"
            time.sleep(0.02)
        return found[0]

    def signal(self, number: int = signal.SIGTERM) -> None:
        """Sends a signal."""
        self.popen.send_signal(number)

    def stop(self) -> None:
        """SIGTERM, and it must end well and soon."""
        self.signal()
        self.wait_for_end()

    def wait_for_end(self) -> None:
        """It must end well and soon."""
        self.expected_to_run = False
        try:
            code = self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(
                f"{self.name} did not stop in {STOP_SECONDS:g} s:\n{self.log.read_text()}"
            ) from None
        assert code == 0, f"{self.name} ended with {code}:\n{self.log.read_text()}"

    def kill(self) -> None:
        """SIGKILL."""
        self.expected_to_run = False
        self.popen.kill()
        self.popen.wait()


@dataclass
class Gateway(Process):
    """A gateway, on a port that was free."""

    address: str = ""


@dataclass
class Service:
    """Redis, an image store, a bundle, and the processes that use them."""

    redis: RedisServer
    folder: Path
    bundle: Path
    processes: list[Process] = field(default_factory=list)

    @property
    def store(self) -> Path:
        """The image store's directory."""
        return self.folder / "store"

    @property
    def images(self) -> list[Path]:
        """Images in the store."""
        return [path for path in self.store.rglob("*") if path.is_file()]

    def start_worker(self, **settings: object) -> Process:
        """A worker. It serves a moment later: see `wait_until_serving`."""
        return self.start_process("worker", **settings)

    def start_gateway(self, **settings: object) -> Gateway:
        """A gateway that listens."""
        process = self.start_process("gateway", **{"DENSA_GATEWAY_PORT": 0, **settings})
        port = process.wait_for_event("gateway_listening")["port"]
        gateway = Gateway(process.name, process.popen, process.log, address=f"127.0.0.1:{port}")
        self.processes[-1] = gateway
        return gateway

    @contextmanager
    def gateway(self, **settings: object) -> Iterator[Gateway]:
        """A gateway of its own settings, serving, for as long as the context lasts."""
        gateway = self.start_gateway(**settings)
        wait_until_serving(gateway.address)
        yield gateway
        if gateway.expected_to_run:
            gateway.stop()

    def stop(self) -> None:
        """Stops what still runs: gateways, then workers, and each must end well."""
        running = [process for process in self.processes if process.expected_to_run]
        for process in running:
            process.signal()
        for process in running:
            process.wait_for_end()

    def start_process(self, name: str, *, module: object = "", **settings: object) -> Process:
        """A gateway or a worker, whether or not it can start; or what a module makes of it."""
        log = self.folder / f"{name}-{len(self.processes)}.log"
        with log.open("wb") as file:
            popen = subprocess.Popen(
                [sys.executable, "-m", str(module or f"services.{name}")],
                cwd=ROOT,
                env=self._environment(settings),
                stdout=file,
                stderr=file,
            )
        process = Process(name, popen, log)
        self.processes.append(process)
        return process

    def _environment(self, settings: dict[str, object]) -> dict[str, str]:
        ours = {
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos' / 'gen'}",
            "DENSA_REDIS_URL": self.redis.url,
            "DENSA_STORE_PATH": str(self.store),
            "DENSA_INFERENCE_BUNDLE": str(self.bundle),
            # More threads wait for each other where other tests keep the cores busy.
            "DENSA_INFERENCE_THREADS": "1",
            "DENSA_LOG_FORMAT": "json",
            **{name: str(value) for name, value in settings.items()},
        }
        others = {k: v for k, v in os.environ.items() if not k.startswith("DENSA_")}
        return {**others, **ours}


@contextmanager
def running_service(
    folder: Path,
    bundle: Path,
    *,
    binary: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Iterator[Service]:
    """A Redis of its own, no process yet; what is started is stopped in the end.

    Args:
        folder: For the image store and the logs.
        bundle: Directory of the bundle.
        binary: Of Redis, where it is to be a certain one.
        environment: More variables for Redis.
        options: More options of Redis.
    """
    with running_redis(binary, environment, options) as redis:
        service = Service(redis, folder, bundle)
        try:
            yield service
            service.stop()
        finally:
            for process in service.processes:
                if process.popen.poll() is None:
                    process.kill()


def wait_until_serving(address: str) -> None:
    """Returns as soon as the gateway says that it serves."""
    with grpc.insecure_channel(address) as channel:
        watching = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(), timeout=START_SECONDS, wait_for_ready=True
        )
        for response in watching:
            if response.status == health_pb2.HealthCheckResponse.SERVING:
                watching.cancel()
                return
