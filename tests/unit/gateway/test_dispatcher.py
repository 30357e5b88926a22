"""Micro-batches: alone at once when workers are idle, together when they are busy, none lost."""

import asyncio
import contextlib
import functools
import threading
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.messages import ImageRef
from services.gateway import dispatcher as module
from services.gateway.dispatcher import Dispatcher
from services.gateway.settings import GatewaySettings
from tests.fakes.task_queue import FakeTaskQueue
from tests.waiting import settled, until

FOREVER = 3600.0


def _settings(batch_size: int = 4, wait: float = FOREVER) -> GatewaySettings:
    return GatewaySettings(batch_size=batch_size, batch_wait_seconds=wait)


def _images(count: int, start: int = 0) -> list[ImageRef]:
    return [ImageRef("job", f"{number}") for number in range(start, start + count)]


@contextlib.asynccontextmanager
async def _running(dispatcher: Dispatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
        # The publishing thread is through, and the task has seen it: what is in hand at a
        # stop is published again, which is tested by itself.
        await asyncio.get_running_loop().run_in_executor(dispatcher._publisher, lambda: None)
        await settled()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await dispatcher.drain()


def _published(queue: FakeTaskQueue, image: ImageRef) -> bool:
    return image in queue.images


class HeldQueue(FakeTaskQueue):
    """A broker that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.calls = 0

    def publish(self, images: list[ImageRef]) -> None:
        """Publishes when it may."""
        self.calls += 1
        assert self.go_on.wait(30)
        super().publish(images)


async def test_an_image_goes_at_once_and_alone_when_no_task_waits() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, _settings())
    async with _running(dispatcher):
        for image in _images(3):
            # When
            dispatcher.submit(image, waiting_tasks=0)
            await until(functools.partial(_published, queue, image))

    # Then
    assert queue.published == [[image] for image in _images(3)]


async def test_images_gather_to_a_full_batch_while_tasks_wait() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, _settings(batch_size=4))
    async with _running(dispatcher):
        # When
        for image in _images(3):
            dispatcher.submit(image, waiting_tasks=1)
        await settled()
        early = list(queue.published)
        dispatcher.submit(ImageRef("job", "3"), waiting_tasks=1)
        await until(lambda: queue.published)

    # Then
    assert early == []
    assert queue.published == [_images(4)]


async def test_an_image_waits_no_longer_than_it_may_for_others() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, _settings(wait=0.01))
    async with _running(dispatcher):
        # When
        for image in _images(2):
            dispatcher.submit(image, waiting_tasks=9)
        await until(lambda: queue.published)

    # Then
    assert queue.published == [_images(2)]


async def test_gathering_ends_as_soon_as_the_queue_runs_empty() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, _settings())
    async with _running(dispatcher):
        # When
        dispatcher.submit(ImageRef("job", "0"), waiting_tasks=5)
        dispatcher.submit(ImageRef("job", "1"), waiting_tasks=0)
        await until(lambda: queue.published)

    # Then
    assert queue.published == [_images(2)]


async def test_what_arrives_while_a_task_is_published_goes_together_next() -> None:
    # Given
    queue = HeldQueue()
    dispatcher = Dispatcher(queue, _settings(batch_size=4))
    async with _running(dispatcher):
        dispatcher.submit(ImageRef("job", "0"), waiting_tasks=0)
        await until(lambda: queue.calls)

        # When
        for image in _images(6, start=1):
            dispatcher.submit(image, waiting_tasks=0)
        queue.go_on.set()
        await until(lambda: len(queue.images) >= 5)

    # Then
    assert [len(task) for task in queue.published] == [1, 4, 2]
    assert queue.images == _images(7)


async def test_a_broker_that_is_away_delays_and_neither_loses_nor_reorders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setattr(module, "FIRST_RETRY_SECONDS", 0.0)
    queue = FakeTaskQueue()
    queue.failures = 5
    dispatcher = Dispatcher(queue, _settings(batch_size=2))
    async with _running(dispatcher):
        # When
        for image in _images(6):
            dispatcher.submit(image, waiting_tasks=0)
        await until(lambda: len(queue.images) == 6)

    # Then
    assert queue.images == _images(6)


async def test_draining_publishes_what_is_left_in_order() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, _settings(batch_size=4))
    async with _running(dispatcher):
        for image in _images(3):
            dispatcher.submit(image, waiting_tasks=7)
        await settled()
        assert queue.published == []

    # Then: leaving drained it
    assert queue.published == [_images(3)]


async def test_a_batch_that_was_stopped_while_it_was_published_is_published_again() -> None:
    # Given: at least once; the first writer of an outcome wins
    queue = HeldQueue()
    dispatcher = Dispatcher(queue, _settings(batch_size=4))
    running = asyncio.create_task(dispatcher.run())
    dispatcher.submit(ImageRef("job", "0"), waiting_tasks=0)
    await until(lambda: queue.calls)
    dispatcher.submit(ImageRef("job", "1"), waiting_tasks=0)

    # When
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    queue.go_on.set()
    await dispatcher.drain()

    # Then
    assert queue.images == [ImageRef("job", "0"), *_images(2)]


@given(
    arrivals=st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=40),
    batch_size=st.integers(1, 5),
    failures=st.integers(0, 4),
)
async def test_every_image_is_published_once_in_order_in_batches_that_hold_the_limit(
    arrivals: list[tuple[int, bool]], batch_size: int, failures: int
) -> None:
    # Given
    queue = FakeTaskQueue()
    queue.failures = failures
    dispatcher = Dispatcher(queue, _settings(batch_size=batch_size, wait=0.0))
    images = _images(len(arrivals))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FIRST_RETRY_SECONDS", 0.0)
        async with _running(dispatcher):
            # When
            for image, (waiting, pause) in zip(images, arrivals, strict=True):
                dispatcher.submit(image, waiting_tasks=waiting)
                if pause:
                    await asyncio.sleep(0)
            await until(lambda: len(queue.images) >= len(images))

    # Then
    assert queue.images == images
    assert all(len(task) <= batch_size for task in queue.published)
