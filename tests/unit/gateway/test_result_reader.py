"""Every watch sees every result once, in order, whatever announcements do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Any, cast

import pytest
import redis.exceptions
from hypothesis import given
from hypothesis import strategies as st

from services.common import keys
from services.common.errors import Unavailable
from services.gateway import result_reader as module
from services.gateway.result_reader import PAGE, ResultReader, Watch
from tests.fakes.jobs import MemoryJob, MemoryJobs
from tests.fakes.results_redis import FakeResultsRedis
from tests.waiting import settled, until

JOB = "j"


class World:
    """One job, its result stream, and a reader on it."""

    def __init__(self) -> None:
        self.state = MemoryJobs(jobs={JOB: MemoryJob()})
        self.redis = FakeResultsRedis(self.state)
        self.reader = ResultReader(self.redis.as_client())

    @property
    def results(self) -> list[bytes]:
        """The job's result stream."""
        return self.state.jobs[JOB].results

    def write(self, count: int = 1) -> None:
        """Writes results and announces them."""
        for _ in range(count):
            text = b"result %d" % (len(self.results) + 1)
            self.results.append(text)
            for listener in self.state.listeners:
                listener(JOB, len(self.results), text)

    def watch(self, position: int = 0) -> Watch:
        """A watch of its own, without a reader."""
        return Watch(self.redis.as_client(), JOB, position)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The reader's task."""
        task = asyncio.create_task(self.reader.run())
        await settled()
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _take(watch: Watch, count: int) -> list[tuple[int, bytes]]:
    async with asyncio.timeout(5):
        return [await anext(watch) for _ in range(count)]


def _expected(first: int, last: int) -> list[tuple[int, bytes]]:
    return [(position, b"result %d" % position) for position in range(first, last + 1)]


async def test_announced_results_are_handed_out_without_reading_the_stream() -> None:
    # Given
    world = World()
    watch = world.watch()

    # When
    for position, text in _expected(1, 5):
        watch.announce(position, text)

    # Then
    assert await _take(watch, 5) == _expected(1, 5)
    assert world.redis.reads == 0


async def test_a_missing_announcement_is_read_from_the_stream() -> None:
    # Given
    world = World()
    world.write(3)
    watch = world.watch()

    # When: 1 and 2 were lost
    watch.announce(3, b"result 3")

    # Then
    assert await _take(watch, 3) == _expected(1, 3)
    assert world.redis.reads == 1


async def test_more_announcements_than_are_held_are_read_from_the_stream() -> None:
    # Given
    world = World()
    count = 3 * PAGE + 7
    world.write(count)
    watch = world.watch()

    # When: nobody takes them meanwhile
    for position, text in _expected(1, count):
        watch.announce(position, text)

    # Then
    assert await _take(watch, count) == _expected(1, count)
    assert world.redis.reads > 0


async def test_a_slow_watch_holds_no_more_than_a_page() -> None:
    # Given
    watch = World().watch()

    # When
    for position, text in _expected(1, 10 * PAGE):
        watch.announce(position, text)

    # Then
    assert len(watch._held) <= PAGE


async def test_a_watch_from_a_position_begins_after_it() -> None:
    # Given
    world = World()
    world.write(5)
    watch = world.watch(position=3)

    # When
    watch.catch_up()

    # Then
    assert await _take(watch, 2) == _expected(4, 5)


async def test_a_result_announced_while_the_stream_is_read_is_not_lost() -> None:
    # Given
    world = World()
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
    world = World()
    world.write(found)
    watch = world.watch()
    watch.catch_up()
    world.redis.answers.clear()
    taking = asyncio.ensure_future(_take(watch, found + 1))
    await until(lambda: world.redis.reads == 1)

    # When: written after the read and before the subscription, so announced to nobody
    world.write(1)
    watch.catch_up()
    world.redis.answers.set()

    # Then
    assert await taking == _expected(1, found + 1)


async def test_an_announcement_of_a_deleted_job_does_not_keep_reading_its_stream() -> None:
    # Given
    world = World()
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
    world = World()
    world.redis.away = True
    watch = world.watch()
    watch.catch_up()

    # Then
    with pytest.raises(Unavailable) as caught:
        await anext(watch)
    assert caught.value.reason == "QUEUE_UNAVAILABLE"


class Announcer:
    """Writes results, and tells a watch of them well or badly. A step is a method's name."""

    def __init__(self, world: World, watch: Watch) -> None:
        self._world = world
        self._watch = watch
        self.unheard = False
        """Whether the last results are known to nobody."""

    def announced(self, count: int) -> None:
        """Tells of each."""
        for item in self._written(count):
            self._watch.announce(*item)
        self.unheard = False

    def reversed(self, count: int) -> None:
        """Tells of the last one first."""
        for item in reversed(self._written(count)):
            self._watch.announce(*item)
        self.unheard = False

    def lost(self, count: int) -> None:
        """Tells of none."""
        self._written(count)
        self.unheard = True

    def repeated(self, position: int) -> None:
        """Tells again of one that is there."""
        if position <= len(self._world.results):
            self._watch.announce(position, b"result %d" % position)

    def confirmed(self, _: int = 0) -> None:
        """The subscription was made again."""
        self._watch.catch_up()
        self.unheard = False

    def _written(self, count: int) -> list[tuple[int, bytes]]:
        first = len(self._world.results) + 1
        self._world.write(count)
        return _expected(first, len(self._world.results))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["announced", "reversed", "lost"]), st.integers(1, 3)),
        st.tuples(st.just("announced"), st.just(PAGE + 3)),
        st.tuples(st.just("repeated"), st.integers(1, 20)),
        st.tuples(st.just("confirmed"), st.just(0)),
        st.tuples(st.just("turns"), st.integers(1, 4)),
    ),
    max_size=30,
)


@given(STEPS, st.integers(0, 3))
async def test_every_result_comes_once_in_order_whatever_is_lost_repeated_or_reordered(
    steps: list[tuple[str, int]], position: int
) -> None:
    # Given
    world = World()
    world.write(position)
    watch = world.watch(position)
    announcer = Announcer(world, watch)
    seen: list[tuple[int, bytes]] = []

    async def collect() -> None:
        while True:
            seen.append(await anext(watch))

    collecting = asyncio.create_task(collect())

    # When
    for step, count in steps:
        if step == "turns":
            await settled(count)
        else:
            getattr(announcer, step)(count)
    if announcer.unheard:  # only the connection that is made again tells of them
        announcer.confirmed()
    last = len(world.results)
    await until(lambda: watch.position == last, limit=5)
    await settled()
    collecting.cancel()

    # Then
    assert seen == _expected(position + 1, last)


async def test_results_written_before_and_after_a_watch_begins_arrive() -> None:
    # Given
    world = World()
    world.write(2)
    async with world.running(), world.reader.watch(JOB) as watch:
        # When
        world.write(2)

        # Then
        assert await _take(watch, 4) == _expected(1, 4)


async def test_two_watches_of_a_job_share_a_subscription_and_see_everything() -> None:
    # Given
    world = World()
    channel = keys.channel(JOB).encode()
    async with world.running(), world.reader.watch(JOB) as one:
        async with world.reader.watch(JOB) as two:
            # When
            world.write(3)

            # Then
            assert await _take(one, 3) == await _take(two, 3) == _expected(1, 3)
        assert channel in world.redis.subscription.channels
        world.write(1)
        assert await _take(one, 1) == _expected(4, 4)


async def test_the_last_watch_of_a_job_takes_its_subscription_along() -> None:
    # Given
    world = World()
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
    world = World()
    async with world.running(), world.reader.watch(JOB) as watch:
        world.write(1)
        assert await _take(watch, 1) == _expected(1, 1)

        # When
        world.redis.subscription.cut()
        world.write(2)  # announced to nobody

        # Then
        assert await _take(watch, 2) == _expected(2, 3)


async def test_a_watch_that_cannot_subscribe_leaves_nothing_behind() -> None:
    # Given
    world = World()

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
    world = World()
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
