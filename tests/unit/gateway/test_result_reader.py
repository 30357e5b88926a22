"""One reader for all watches: subscriptions come and go, and connections break."""

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

import pytest
import redis.exceptions

from services.common import keys
from services.common.errors import Unavailable
from services.gateway import result_reader as module
from tests.unit.gateway.results_world import JOB, ResultsWorld, expected, take
from tests.waiting import settled


async def test_results_written_before_and_after_a_watch_begins_arrive() -> None:
    # Given
    world = ResultsWorld()
    world.write(2)
    async with world.running(), world.reader.watch(JOB) as watch:
        # When
        world.write(2)

        # Then
        assert await take(watch, 4) == expected(1, 4)


async def test_two_watches_of_a_job_share_a_subscription_and_see_everything() -> None:
    # Given
    world = ResultsWorld()
    channel = keys.channel(JOB).encode()
    async with world.running(), world.reader.watch(JOB) as one:
        async with world.reader.watch(JOB) as two:
            # When
            world.write(3)

            # Then
            assert await take(one, 3) == await take(two, 3) == expected(1, 3)
        assert channel in world.redis.subscription.channels
        world.write(1)
        assert await take(one, 1) == expected(4, 4)


async def test_the_last_watch_of_a_job_takes_its_subscription_along() -> None:
    # Given
    world = ResultsWorld()
    async with world.running():
        before = set(world.redis.subscription.channels)

        # When
        async with world.reader.watch(JOB):
            during = set(world.redis.subscription.channels)

        # Then
        assert during - before == {keys.channel(JOB).encode()}
        assert world.redis.subscription.channels == before
        assert world.reader._watches == {}


async def test_a_connection_that_is_made_again_brings_what_was_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    world = ResultsWorld()
    async with world.running(), world.reader.watch(JOB) as watch:
        world.write(1)
        assert await take(watch, 1) == expected(1, 1)

        # When
        world.redis.subscription.cut()
        world.write(2)  # announced to nobody

        # Then
        assert await take(watch, 2) == expected(2, 3)


async def test_a_watch_that_cannot_subscribe_leaves_nothing_behind() -> None:
    # Given
    world = ResultsWorld()

    async def refuse(_: bytes) -> None:
        raise redis.exceptions.ConnectionError("refused")

    cast("Any", world.redis.subscription).subscribe = refuse

    # When
    with pytest.raises(Unavailable):
        async with world.reader.watch(JOB):
            pytest.fail("watched without a subscription")

    # Then
    assert world.reader._watches == {}


async def test_watches_that_begin_together_do_not_connect_twice() -> None:
    # Given: connecting takes a while, and a second connection made meanwhile would be lost
    world = ResultsWorld()
    subscription = world.redis.subscription
    subscribe = subscription.subscribe
    at_once, most = 0, 0

    async def slow(channel: str | bytes) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await settled(5)
        at_once -= 1
        await subscribe(channel)

    cast("Any", subscription).subscribe = slow

    async def briefly(job: str) -> None:
        async with world.reader.watch(job):
            await settled(5)

    # When
    async with world.running():
        work: list[Awaitable[None]] = [briefly(f"job {number}") for number in range(5)]
        await asyncio.gather(*work)

    # Then
    assert most == 1
