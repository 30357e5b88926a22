"""`kill -9` of any one process loses no accepted image and repeats no result."""

import signal
import time
from pathlib import Path

import psutil
import pytest
import redis

from services.stack.plan import claim_port
from tests.faults.conftest import SETTINGS
from tests.faults.driving import (
    IMAGES,
    RECOVERY_SECONDS,
    Drive,
    check_all_ended,
    check_nothing_is_left,
    decoders_of,
    drive,
)
from tests.integration.processes import running_service, wait_until_serving
from tests.stack_fixture import RealStack

START_SECONDS = 60.0


def _wait_for_a_new(stack: RealStack, name: str, old: int) -> float:
    """When a process that was killed is back."""
    end = time.monotonic() + START_SECONDS
    while stack.pids.get(name) in (None, old):
        assert time.monotonic() < end
        time.sleep(0.01)
    return time.monotonic()


@pytest.mark.parametrize("name", ["worker-1", "gateway", "redis"])
async def test_a_process_that_is_killed_costs_no_image_and_seconds(
    stack: RealStack, name: str
) -> None:
    # Given
    back = 0.0
    orphans: list[psutil.Process] = []

    def kill(_: Drive) -> None:
        nonlocal back
        old = stack.pids[name]
        orphans.extend(decoders_of(old))
        stack.kill(name)
        back = _wait_for_a_new(stack, name, old)

    # When
    driven = await drive(stack.address, kill)

    # Then
    driven.check(IMAGES)
    silence = driven.silence_after(back)
    print(f"{name}: results {silence:.1f} s after it was back")
    assert silence < RECOVERY_SECONDS
    assert bool(orphans) == (name == "worker-1")
    await check_all_ended(orphans)
    with redis.Redis.from_url(stack.redis_url) as client:
        await check_nothing_is_left(client, stack.store)


async def test_a_gateway_killed_between_register_and_publish_leaves_an_image_that_is_worked_on(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    # Given
    port = claim_port(0)
    with running_service(tmp_path, tiny_bundle) as service:
        service.start_worker(**SETTINGS)
        dying = service.start_process(
            "gateway", module="tests.faults.dying_gateway", DENSA_GATEWAY_PORT=port, **SETTINGS
        )
        dying.expected_to_run = False
        address = f"127.0.0.1:{port}"
        wait_until_serving(address)
        back = 0.0

        def replace(_: Drive) -> None:
            nonlocal back
            assert dying.popen.wait() == -signal.SIGKILL
            service.start_gateway(**{**SETTINGS, "DENSA_GATEWAY_PORT": port})
            back = time.monotonic()

        # When
        driven = await drive(address, replace, broken_after=1)

        # Then
        driven.check(IMAGES)
        assert driven.silence_after(back) < RECOVERY_SECONDS
        with service.redis.client() as client:
            await check_nothing_is_left(client, service.store)
