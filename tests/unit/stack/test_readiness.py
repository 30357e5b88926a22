"""Waiting ends when it is ready, when it cannot become so, or when the time is up."""

import socket
import time
from pathlib import Path

import pytest

from services.client import AsyncDensaClient
from services.stack.child import Child
from services.stack.errors import StackError
from services.stack.plan import HOST, claim_port
from services.stack.readiness import ONE_ATTEMPT, listens, serves, wait_until


async def _never() -> bool:
    return False


async def test_waiting_ends_when_it_is_ready(tmp_path: Path) -> None:
    # Given
    child = Child("gateway", ("/bin/sleep", "60"), tmp_path / "log")
    looks = 0

    async def third_look() -> bool:
        nonlocal looks
        looks += 1
        return looks == 3

    # When / Then
    await wait_until(third_look, child, [child], time.monotonic() + 60)


async def test_a_process_that_ended_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    # Given
    child = Child("worker-1", ("/bin/sh", "-c", "echo no model; exit 1"), tmp_path / "log")
    await child.start()
    await child.wait()

    # When / Then
    with pytest.raises(StackError, match=r"(?s)worker-1 ended with status 1.*\nno model"):
        await wait_until(_never, child, [child], time.monotonic() + 60)


async def test_when_the_time_is_up_the_culprit_is_named(tmp_path: Path) -> None:
    # Given
    (tmp_path / "log").touch()
    child = Child("redis", ("/bin/true",), tmp_path / "log")

    # When / Then
    with pytest.raises(StackError, match="redis was not ready in time"):
        await wait_until(_never, child, [child], time.monotonic() - 1)


async def test_a_port_listens_or_not() -> None:
    # Given
    free = claim_port(0)
    with socket.create_server((HOST, 0)) as server:
        # When / Then
        assert await listens(HOST, server.getsockname()[1])
    assert not await listens(HOST, free)


async def test_nothing_there_does_not_serve() -> None:
    async with AsyncDensaClient("127.0.0.1:1", ONE_ATTEMPT) as densa:
        assert not await serves(densa)
