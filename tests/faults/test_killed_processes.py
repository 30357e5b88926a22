"""`kill -9` of any one process loses no accepted image and repeats no result."""

import random
import time

import pytest
import redis

from tests.faults.conftest import StackOf
from tests.faults.driving import (
    BROKEN_AFTER,
    IMAGES,
    RECOVERY_SECONDS,
    Drive,
    check_nothing_is_left,
    drive,
)
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

    def kill(_: Drive) -> None:
        nonlocal back
        old = stack.pids[name]
        stack.kill(name)
        back = _wait_for_a_new(stack, name, old)

    # When
    driven = await drive(stack.address, kill)

    # Then
    driven.check(IMAGES)
    silence = driven.silence_after(back)
    print(f"{name}: results {silence:.1f} s after it was back")
    assert silence < RECOVERY_SECONDS
    with redis.Redis.from_url(stack.redis_url) as client:
        await check_nothing_is_left(client, stack.store)


async def test_whatever_is_killed_at_random_every_image_has_one_result(stack_of: StackOf) -> None:
    # Given
    chance = random.Random(7)
    killed: list[str] = []

    def kill(driven: Drive) -> None:
        for turn in range(6):
            name = chance.choice(["worker-1", "worker-2", "gateway", "redis"])
            while name not in stack.pids:
                time.sleep(0.05)
            stack.kill(name)
            killed.append(name)
            seen = len(driven.results)
            end = time.monotonic() + chance.uniform(0.5, 4)
            goal = BROKEN_AFTER + 200 * turn
            while time.monotonic() < end or len(driven.results) < min(goal, seen + 1):
                time.sleep(0.05)

    with stack_of(workers=2) as stack:
        # When
        driven = await drive(stack.address, kill)

        # Then
        print(f"killed: {killed}")
        driven.check(IMAGES)
        with redis.Redis.from_url(stack.redis_url) as client:
            await check_nothing_is_left(client, stack.store)
