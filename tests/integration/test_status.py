"""`densa status`, typed against a real service: well, busy, and with its parts away."""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import grpc
from densa.v1 import lane_pb2

from tests.integration.calls import Stream, grey, stub_of
from tests.integration.processes import ROOT, running_service, wait_until_serving
from tests.waiting import until


def command(address: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "services.client", "status", "--address", address, *options]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos/gen'}"}


def status(address: str, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        command(address, *options),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def as_json(address: str) -> tuple[int, dict[str, Any]]:
    code, text = status(address, "--json")
    return code, json.loads(text)


def codes(state: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in state["operations"]["problems"]}


def test_status_tells_what_is_wrong_and_what_to_do(tmp_path: Path, tiny_bundle: Path) -> None:
    with running_service(tmp_path, tiny_bundle) as service:
        # Given a gateway without a worker, with images of which the first fill most of the queue
        room = 10 * len(grey("", 9).image)
        gateway = service.start_gateway(DENSA_GATEWAY_MAX_QUEUED_BYTES=room)
        asyncio.run(accept_without_answer(gateway.address, 8))

        # When
        code, state = as_json(gateway.address)
        screen = status(gateway.address)[1]

        # Then
        assert code == 1
        assert not state["serving"]
        assert codes(state) == {"NO_READY_WORKER", "QUEUE_NEARLY_FULL"}
        lanes = {lane["lane"]: lane for lane in state["operations"]["lanes"]}
        assert list(lanes) == ["STAT", "ROUTINE", "BULK"]
        assert lanes["STAT"]["images"] == 8
        assert lanes["STAT"]["bytes"] == 8 * len(grey("", 9).image)
        assert lanes["STAT"]["oldest_seconds"] > 0
        assert "not serving" in screen
        assert "Start a worker" in screen
        assert "8 of 50,000" in screen

        # When a worker comes
        service.start_worker()
        wait_until_serving(gateway.address)
        watching = Watching(gateway.address)

        # Then the queue empties, and all is well
        code, state = as_json(gateway.address)
        assert code == 0
        assert state["operations"]["workers"][0]["provider"] == "cpu"
        assert state["operations"]["store_limit_bytes"] > 0
        asyncio.run(until(lambda: not codes(as_json(gateway.address)[1])))

        # When Redis dies under a status that is watched
        service.redis.process.kill()
        asyncio.run(until(lambda: "QUEUE_UNAVAILABLE" in watching.said(), limit=20))
        watching.interrupt()

        # Then the watch told both, and ended as the last look was
        assert "serving" in watching.said()
        assert watching.popen.returncode == 1
        for process in service.processes:
            process.kill()


async def accept_without_answer(address: str, images: int) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open(lane=lane_pb2.LANE_STAT)
        await stream.send(*(grey(f"i{number}", 9) for number in range(images)))
        await stream.until(lambda one: len(one.accepted) == images)
        await stream.leave()


class Watching:
    """`densa status --watch` in a terminal."""

    def __init__(self, address: str) -> None:
        self._master, slave = pty.openpty()
        self.popen = subprocess.Popen(
            command(address, "--watch"),
            cwd=ROOT,
            env={**environment(), "TERM": "xterm", "COLUMNS": "120", "LINES": "40"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        os.set_blocking(self._master, False)
        self._text = ""

    def said(self) -> str:
        """All that it wrote so far."""
        try:
            while chunk := os.read(self._master, 65536):
                self._text += chunk.decode(errors="replace")
        except OSError:  # nothing more for now, or ended
            pass
        return self._text

    def interrupt(self) -> None:
        """Ctrl-C; it must end."""
        self.popen.send_signal(signal.SIGINT)
        end = time.monotonic() + 30
        while self.popen.poll() is None:
            assert time.monotonic() < end
            self.said()
            time.sleep(0.02)
        self.said()
