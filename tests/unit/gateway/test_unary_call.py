"""One image in, one answer out: refused at once when it must be, and nothing left behind."""

import asyncio

import pytest

from services.common.errors import (
    Expired,
    InternalError,
    InvalidImage,
    Overloaded,
    Unavailable,
)
from services.common.messages import ImageRef, Outcome
from services.gateway.converters import to_classification
from services.gateway.job_registry import Opening
from services.gateway.settings import GatewaySettings
from services.gateway.unary_call import any_image_id
from tests.unit.gateway.gateway_world import PNG, GatewayWorld, submission
from tests.waiting import settled, until


async def _call(world: GatewayWorld) -> Outcome:
    return await world.unary_calls.classify(submission("a"), None, Opening())


async def _is_clean(world: GatewayWorld) -> bool:
    await world.unary_calls.settle()
    return not world.state.jobs and not world.store.images and not world.reader._watches


async def test_a_call_returns_the_outcome_of_its_image_and_keeps_nothing() -> None:
    async with GatewayWorld().running() as world:
        # When
        calling = asyncio.create_task(_call(world))
        await world.work(1)
        outcome = await calling
        world.store.images.clear()  # as the worker does

        # Then
        assert outcome.image_id == "a"
        assert outcome.classification is not None
        assert await _is_clean(world)


async def test_an_outcome_that_is_an_error_is_returned_as_one() -> None:
    async with GatewayWorld().running() as world:
        # When
        calling = asyncio.create_task(_call(world))
        await until(lambda: world.images)
        world.fail(world.images[0])
        outcome = await calling

        # Then
        with pytest.raises(InternalError):
            to_classification(outcome)


async def test_one_call_too_many_is_refused_at_once_with_a_time_to_come_back() -> None:
    async with GatewayWorld(GatewaySettings(max_unary=2)).running() as world:
        # Given
        unary = world.unary_calls
        waiting = [
            asyncio.create_task(unary.classify(submission(name), None, Opening()))
            for name in ("a", "b")
        ]
        await until(lambda: len(world.images) == 2)

        # When
        with pytest.raises(Overloaded) as caught:
            await unary.classify(submission("c"), None, Opening())

        # Then
        assert caught.value.reason == "OVERLOADED"
        assert caught.value.retry_after > 0
        assert len(world.store.images) == 2

        # When
        await world.work(2)
        await asyncio.gather(*waiting)
        again = asyncio.create_task(unary.classify(submission("c"), None, Opening()))
        await world.work(1)

        # Then
        assert (await again).image_id == "c"


async def test_without_a_ready_worker_a_call_is_refused_at_once_and_nothing_is_kept() -> None:
    async with GatewayWorld().running() as world:
        # Given
        world.readiness.ready = False

        # When
        with pytest.raises(Unavailable) as caught:
            await world.unary_calls.classify(submission("a"), None, Opening())

        # Then
        assert caught.value.reason == "NO_READY_WORKER"
        assert await _is_clean(world)


@pytest.mark.parametrize(("timeout", "remaining"), [(0.05, None), (300.0, 0.05), (300.0, -1.0)])
async def test_a_call_that_gets_no_answer_in_time_expires_and_keeps_nothing(
    timeout: float,  # noqa: ASYNC109  # the setting's
    remaining: float | None,
) -> None:
    async with GatewayWorld(GatewaySettings(unary_timeout_seconds=timeout)).running() as world:
        # When
        with pytest.raises(Expired) as caught:
            await world.unary_calls.classify(submission("a"), remaining, Opening())

        # Then
        assert caught.value.reason == "DEADLINE_EXCEEDED"
        assert await _is_clean(world)


async def test_a_client_that_hangs_up_leaves_nothing_behind() -> None:
    async with GatewayWorld().running() as world:
        # Given
        unary = world.unary_calls
        calling = asyncio.create_task(unary.classify(submission("a"), None, Opening()))
        await until(lambda: world.images)

        # When
        calling.cancel()
        await asyncio.wait({calling})

        # Then
        assert calling.cancelled()
        assert await _is_clean(world)
        assert unary._waiting == 0


async def test_a_client_that_hangs_up_at_any_moment_leaves_nothing_behind() -> None:
    for turns in range(60):
        async with GatewayWorld().running() as world:
            # Given
            calling = asyncio.create_task(
                world.unary_calls.classify(submission("a"), None, Opening())
            )

            # When
            await settled(turns)
            calling.cancel()
            await asyncio.wait({calling})

            # Then
            assert await _is_clean(world), turns


async def test_an_image_that_is_refused_leaves_nothing_behind() -> None:
    async with GatewayWorld().running() as world:
        # When
        with pytest.raises(InvalidImage):
            await world.unary_calls.classify(submission("a", b"text"), None, Opening())

        # Then
        assert await _is_clean(world)


async def test_an_outcome_is_handed_out_although_cleaning_up_fails() -> None:
    async with GatewayWorld().running() as world:
        # Given
        async def away(_: str) -> None:
            raise Unavailable("The queue cannot be reached.")

        world.registry.delete = away  # type: ignore[assignment]

        # When
        calling = asyncio.create_task(_call(world))
        images = await world.work(1)

        # Then
        assert (await calling).image_id == "a"
        assert images == [ImageRef(images[0].job, "a")]


def test_ids_for_images_without_one_do_not_repeat() -> None:
    assert len({any_image_id() for _ in range(100)}) == 100


async def test_calls_wait_only_as_long_as_their_images_find_room_in_memory() -> None:
    async with GatewayWorld(GatewaySettings(max_unary_bytes=1024)).running() as world:
        # Given
        unary = world.unary_calls
        large = submission("a", PNG + bytes(1000))
        waiting = asyncio.create_task(unary.classify(large, None, Opening()))
        await until(lambda: world.images)

        # When
        with pytest.raises(Overloaded):
            await unary.classify(submission("b", PNG + bytes(100)), None, Opening())

        # Then
        await world.work(1)
        assert (await waiting).image_id == "a"
        assert unary._waiting_bytes == 0


async def test_a_full_queue_refuses_a_call_before_its_image_is_looked_at() -> None:
    async with GatewayWorld().running() as world:
        # Given
        world.backlog.poll(100, 0, 10.0, memory_full=False)

        # When
        with pytest.raises(Overloaded) as caught:
            await _call(world)

        # Then
        assert (caught.value.reason, caught.value.retry_after) == ("QUEUE_FULL", 10.0)
        assert await _is_clean(world)
