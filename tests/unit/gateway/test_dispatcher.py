"""Micro-batches: alone at once when workers are idle, together when they are busy, none lost."""

import asyncio
import contextlib
import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.messages import ImageRef
from services.gateway import dispatcher as module
from services.gateway.dispatcher import Dispatcher
from tests.fakes.task_queue import FakeTaskQueue
from tests.unit.gateway.dispatching import HeldQueue, image_refs, running, settings
from tests.waiting import settled, until


def _published(queue: FakeTaskQueue, image: ImageRef) -> bool:
    return image in queue.images


async def test_an_image_goes_at_once_and_alone_when_no_task_waits() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, settings())
    async with running(dispatcher):
        for image in image_refs(3):
            # When
            dispatcher.submit(image, waiting_tasks=0)
            await until(functools.partial(_published, queue, image))

    # Then
    assert queue.published == [[image] for image in image_refs(3)]


async def test_images_gather_to_a_full_batch_while_tasks_wait() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, settings(batch_size=4))
    async with running(dispatcher):
        # When
        for image in image_refs(3):
            dispatcher.submit(image, waiting_tasks=1)
        await settled()
        early = list(queue.published)
        dispatcher.submit(ImageRef("job", "3"), waiting_tasks=1)
        await until(lambda: queue.published)

    # Then
    assert early == []
    assert queue.published == [image_refs(4)]


async def test_an_image_waits_no_longer_than_it_may_for_others() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, settings(wait=0.01))
    async with running(dispatcher):
        # When
        for image in image_refs(2):
            dispatcher.submit(image, waiting_tasks=9)
        await until(lambda: queue.published)

    # Then
    assert queue.published == [image_refs(2)]


async def test_gathering_ends_as_soon_as_the_queue_runs_empty() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, settings())
    async with running(dispatcher):
        # When
        dispatcher.submit(ImageRef("job", "0"), waiting_tasks=5)
        dispatcher.submit(ImageRef("job", "1"), waiting_tasks=0)
        await until(lambda: queue.published)

    # Then
    assert queue.published == [image_refs(2)]


async def test_what_arrives_while_a_task_is_published_goes_together_next() -> None:
    # Given
    queue = HeldQueue()
    dispatcher = Dispatcher(queue, settings(batch_size=4))
    async with running(dispatcher):
        dispatcher.submit(ImageRef("job", "0"), waiting_tasks=0)
        await until(lambda: queue.calls)

        # When
        for image in image_refs(6, start=1):
            dispatcher.submit(image, waiting_tasks=0)
        queue.go_on.set()
        await until(lambda: len(queue.images) >= 5)

    # Then
    assert [len(task) for task in queue.published] == [1, 4, 2]
    assert queue.images == image_refs(7)


async def test_a_broker_that_is_away_delays_and_neither_loses_nor_reorders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setattr(module, "FIRST_RETRY_SECONDS", 0.0)
    queue = FakeTaskQueue()
    queue.failures = 5
    dispatcher = Dispatcher(queue, settings(batch_size=2))
    async with running(dispatcher):
        # When
        for image in image_refs(6):
            dispatcher.submit(image, waiting_tasks=0)
        await until(lambda: len(queue.images) == 6)

    # Then
    assert queue.images == image_refs(6)


async def test_draining_publishes_what_is_left_in_order() -> None:
    # Given
    queue = FakeTaskQueue()
    dispatcher = Dispatcher(queue, settings(batch_size=4))
    async with running(dispatcher):
        for image in image_refs(3):
            dispatcher.submit(image, waiting_tasks=7)
        await settled()
        assert queue.published == []

    # Then: leaving drained it
    assert queue.published == [image_refs(3)]


async def test_a_batch_that_was_stopped_while_it_was_published_is_published_again() -> None:
    # Given: at least once; the first writer of an outcome wins
    queue = HeldQueue()
    dispatcher = Dispatcher(queue, settings(batch_size=4))
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
    assert queue.images == [ImageRef("job", "0"), *image_refs(2)]


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
    dispatcher = Dispatcher(queue, settings(batch_size=batch_size, wait=0.0))
    images = image_refs(len(arrivals))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FIRST_RETRY_SECONDS", 0.0)
        async with running(dispatcher):
            # When
            for image, (waiting, pause) in zip(images, arrivals, strict=True):
                dispatcher.submit(image, waiting_tasks=waiting)
                if pause:
                    await asyncio.sleep(0)
            await until(lambda: len(queue.images) >= len(images))

    # Then
    assert queue.images == images
    assert all(len(task) <= batch_size for task in queue.published)
