"""A watch hands out every result once, in order, whatever announcements do."""

import asyncio

import pytest

from services.common.errors import Unavailable
from services.gateway.result_reader import PAGE
from tests.unit.gateway.results_world import ResultsWorld, expected, take
from tests.waiting import settled, until


async def test_announced_results_are_handed_out_without_reading_the_stream() -> None:
    # Given
    world = ResultsWorld()
    watch = world.watch()

    # When
    for position, text in expected(1, 5):
        watch.announce(position, text)

    # Then
    assert await take(watch, 5) == expected(1, 5)
    assert world.redis.reads == 0


async def test_a_missing_announcement_is_read_from_the_stream() -> None:
    # Given
    world = ResultsWorld()
    world.write(3)
    watch = world.watch()

    # When: 1 and 2 were lost
    watch.announce(3, b"result 3")

    # Then
    assert await take(watch, 3) == expected(1, 3)
    assert world.redis.reads == 1


async def test_more_announcements_than_are_held_are_read_from_the_stream() -> None:
    # Given
    world = ResultsWorld()
    count = 3 * PAGE + 7
    world.write(count)
    watch = world.watch()

    # When: nobody takes them meanwhile
    for position, text in expected(1, count):
        watch.announce(position, text)

    # Then
    assert await take(watch, count) == expected(1, count)
    assert world.redis.reads > 0


async def test_a_slow_watch_holds_no_more_than_a_page() -> None:
    # Given
    watch = ResultsWorld().watch()

    # When
    for position, text in expected(1, 10 * PAGE):
        watch.announce(position, text)

    # Then
    assert len(watch._held) <= PAGE


async def test_a_watch_from_a_position_begins_after_it() -> None:
    # Given
    world = ResultsWorld()
    world.write(5)
    watch = world.watch(position=3)

    # When
    watch.catch_up()

    # Then
    assert await take(watch, 2) == expected(4, 5)


async def test_a_result_announced_while_the_stream_is_read_is_not_lost() -> None:
    # Given
    world = ResultsWorld()
    watch = world.watch()
    watch.catch_up()
    world.redis.answers.clear()
    taking = asyncio.ensure_future(anext(watch))
    await until(lambda: world.redis.reads == 1)

    # When: the read found nothing, and its answer is still on the way
    world.results.append(b"result 1")
    watch.announce(1, b"result 1")
    world.redis.answers.set()

    # Then
    async with asyncio.timeout(5):
        assert await taking == (1, b"result 1")


@pytest.mark.parametrize("found", [0, 1])
async def test_a_subscription_confirmed_while_the_stream_is_read_makes_it_read_again(
    found: int,
) -> None:
    # Given
    world = ResultsWorld()
    world.write(found)
    watch = world.watch()
    watch.catch_up()
    world.redis.answers.clear()
    taking = asyncio.ensure_future(take(watch, found + 1))
    await until(lambda: world.redis.reads == 1)

    # When: written after the read and before the subscription, so announced to nobody
    world.write(1)
    watch.catch_up()
    world.redis.answers.set()

    # Then
    assert await taking == expected(1, found + 1)


async def test_an_announcement_of_a_deleted_job_does_not_keep_reading_its_stream() -> None:
    # Given
    world = ResultsWorld()
    watch = world.watch()
    taking = asyncio.ensure_future(anext(watch))

    # When: the stream it announces is gone
    watch.announce(7, b"result 7")
    await settled()

    # Then
    assert not taking.done()
    assert world.redis.reads == 1
    taking.cancel()


async def test_a_redis_that_does_not_answer_is_unavailable() -> None:
    # Given
    world = ResultsWorld()
    world.redis.away = True
    watch = world.watch()
    watch.catch_up()

    # Then
    with pytest.raises(Unavailable) as caught:
        await anext(watch)
    assert caught.value.reason == "QUEUE_UNAVAILABLE"
