"""One reader for all watches: subscriptions come and go, and connections break."""

import asyncio

import pytest

from services.common import keys
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
        assert channel in world.redis.connection_pool.channels
        world.write(1)
        assert await take(one, 1) == expected(4, 4)


async def test_the_last_watch_of_a_job_takes_its_subscription_along() -> None:
    # Given
    world = ResultsWorld()
    async with world.running():
        before = world.redis.connection_pool.channels

        # When
        async with world.reader.watch(JOB):
            during = world.redis.connection_pool.channels

        # Then
        assert during - before == {keys.channel(JOB).encode()}
        assert world.redis.connection_pool.channels == before
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
        world.redis.connection_pool.made[-1].cut()
        world.write(2)  # announced to nobody

        # Then
        assert await take(watch, 2) == expected(2, 3)


async def test_a_watch_that_begins_without_a_connection_hears_everything_once_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    world = ResultsWorld()
    pool = world.redis.connection_pool
    pool.away = True
    async with world.running(), world.reader.watch(JOB) as watch:
        world.write(2)
        await settled()
        assert pool.made == []

        # When
        pool.away = False

        # Then
        assert await take(watch, 2) == expected(1, 2)


async def test_however_many_watches_begin_together_there_is_one_connection() -> None:
    # Given
    world = ResultsWorld()

    async def briefly(job: str) -> None:
        async with world.reader.watch(job):
            await settled(5)

    # When: some before the reader runs
    early = [asyncio.create_task(briefly(f"early {number}")) for number in range(5)]
    await settled(1)
    async with world.running():
        await asyncio.gather(*early, *(briefly(f"job {number}") for number in range(5)))

        # Then
        assert len(world.redis.connection_pool.made) == 1
        assert world.redis.connection_pool.channels == {keys.READERS.encode()}
