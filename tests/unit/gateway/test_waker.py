"""Wake-ups: at least one after each word that there is work, and few of them."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import pytest

from services.gateway import waker as module
from services.gateway.waker import Waker
from tests.fakes.wake_up_queue import FakeWakeUpQueue
from tests.waiting import settled, until


class HeldQueue(FakeWakeUpQueue):
    """A broker that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.calls = 0

    def publish(self) -> None:
        """Publishes when it may."""
        self.calls += 1
        assert self.go_on.wait(30)
        super().publish()


@contextlib.asynccontextmanager
async def running(waker: Waker) -> AsyncIterator[None]:
    """The waker's task."""
    task = asyncio.create_task(waker.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        waker.close()


async def test_a_wake_up_is_published_at_once_for_each_word() -> None:
    # Given
    queue = FakeWakeUpQueue()
    waker = Waker(queue)
    async with running(waker):
        for count in range(1, 4):
            # When
            waker.wake()

            # Then
            await until(lambda: queue.published == count)  # noqa: B023


async def test_words_while_one_is_published_are_answered_by_one_more_after_it() -> None:
    # Given
    queue = HeldQueue()
    waker = Waker(queue)
    async with running(waker):
        waker.wake()
        await until(lambda: queue.calls)

        # When
        for _ in range(50):
            waker.wake()
        queue.go_on.set()
        await until(lambda: queue.published == 2)
        await settled()

        # Then
        assert queue.published == 2


async def test_as_many_are_published_as_a_sweep_found_lacking() -> None:
    # Given
    queue = FakeWakeUpQueue()
    waker = Waker(queue)
    async with running(waker):
        # When
        waker.wake(3)
        waker.wake()

        # Then
        await until(lambda: queue.published == 3)


async def test_a_broker_that_is_away_delays_a_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    monkeypatch.setattr(module, "FIRST_RETRY_SECONDS", 0.0)
    queue = FakeWakeUpQueue()
    queue.failures = 5
    waker = Waker(queue)
    async with running(waker):
        # When
        waker.wake()

        # Then
        await until(lambda: queue.published == 1)
