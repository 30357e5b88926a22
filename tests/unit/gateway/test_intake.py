"""Accepted means kept: pixels first, then job and lane in one step, then the word."""

import asyncio
import contextlib

import pytest

from services.common.errors import ImageConflict, InvalidImage, NotFound, Overloaded, Unavailable
from services.common.messages import ImageRef
from services.gateway.job_registry import Opening, Registered, Registrant, Registration
from tests.unit.gateway.gateway_world import PNG, GatewayWorld, submission
from tests.waiting import settled, until


class Listener:
    """Notes what is announced, and what was true at that moment."""

    def __init__(self, world: GatewayWorld) -> None:
        self._world = world
        self.heard: list[Registered] = []
        self.kept: list[int] = []
        self.waiting: list[int] = []

    async def __call__(self, found: Registered) -> None:
        """Takes an announcement."""
        self.heard.append(found)
        self.kept.append(len(self._world.store.images))
        self.waiting.append(len(self._world.images))


async def test_an_image_is_kept_and_waits_before_it_is_announced_and_a_worker_is_woken() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()
        listener = Listener(world)

        # When
        await world.intake.accept(job, submission("a"), listener)
        await until(lambda: world.queue.published == 1)

        # Then
        assert (listener.heard, listener.kept, listener.waiting) == ([Registered.NEW], [1], [1])
        assert world.images == [ImageRef(job, "a")]
        assert list(world.store.images.values()) == [PNG]


async def test_the_same_image_again_is_announced_and_waits_once() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()
        listener = Listener(world)
        await world.intake.accept(job, submission("a"), listener)

        # When
        await world.intake.accept(job, submission("a"), listener)
        await world.work(1)
        await world.intake.accept(job, submission("a"), listener)

        # Then
        assert listener.heard == [Registered.NEW, Registered.PENDING, Registered.FINISHED]
        assert listener.waiting == [1, 1, 0]


async def test_nobody_is_woken_while_a_wake_up_waits() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()
        world.state.wake_ups = 1

        # When
        await world.intake.accept(job, submission("a"), Listener(world))
        await settled()

        # Then
        assert world.queue.published == 0
        assert world.images == [ImageRef(job, "a")]


async def test_an_image_that_has_its_outcome_is_not_kept_again() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()
        await world.intake.accept(job, submission("a"), Listener(world))
        await world.work(1)
        world.store.images.clear()  # as the worker does

        # When
        await world.intake.accept(job, submission("a"), Listener(world))

        # Then
        assert world.store.images == {}


async def test_other_bytes_of_the_same_id_are_refused_and_the_first_ones_stay() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()
        await world.intake.accept(job, submission("a", PNG + b"1"), Listener(world))

        # When
        with pytest.raises(ImageConflict) as caught:
            await world.intake.accept(job, submission("a", PNG + b"2"), Listener(world))

        # Then
        assert (caught.value.reason, caught.value.field) == (
            "IMAGE_ID_CONFLICT",
            "micrograph.image_id",
        )
        assert list(world.store.images.values()) == [PNG + b"1"]


async def test_an_image_for_which_there_is_no_room_is_not_kept() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()
        world.state.full = True

        # When
        with pytest.raises(Overloaded):
            await world.intake.accept(job, submission("a"), Listener(world))

        # Then
        assert (world.images, world.store.images) == ([], {})


async def test_what_is_not_taken_is_not_kept() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()

        # When
        with pytest.raises(InvalidImage):
            await world.intake.accept(job, submission("a", b"text"), Listener(world))
        with pytest.raises(NotFound):
            await world.intake.accept("no such job", submission("a"), Listener(world))

        # Then
        assert world.store.images == {}


@pytest.mark.parametrize("part", ["store", "queue"])
async def test_a_part_that_is_away_is_unavailable_and_nothing_is_announced(part: str) -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()
        listener = Listener(world)
        world.store.down, world.state.down = part == "store", part == "queue"

        # When
        with pytest.raises(Unavailable):
            await world.intake.accept(job, submission("a"), listener)

        # Then
        assert listener.heard == []


async def test_an_image_registered_for_a_client_that_left_meanwhile_is_worked_on() -> None:
    async with GatewayWorld().running() as world:
        # Given: the answer of the registry is on its way
        job = await world.open()
        registered, answer = asyncio.Event(), asyncio.Event()
        register = world.registry.register

        async def slow(
            image: ImageRef, registrant: Registrant, *, opening: Opening | None = None
        ) -> Registration:
            registration = await register(image, registrant, opening=opening)
            registered.set()
            await answer.wait()
            return registration

        world.registry.register = slow  # type: ignore[method-assign]
        taking = asyncio.create_task(world.intake.accept(job, submission("a"), Listener(world)))
        await registered.wait()

        # When
        taking.cancel()
        await settled()
        answer.set()
        with contextlib.suppress(asyncio.CancelledError):
            await taking

        # Then: its job counts on it
        assert taking.cancelled()
        assert world.images == [ImageRef(job, "a")]
        await until(lambda: world.queue.published == 1)


async def test_an_image_whose_announcement_nobody_takes_is_worked_on_all_the_same() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()

        async def nobody(_: Registered) -> None:
            await asyncio.Event().wait()

        taking = asyncio.create_task(world.intake.accept(job, submission("a"), nobody))
        await until(lambda: world.state.jobs[job].images)
        await settled()

        # When
        taking.cancel()

        # Then
        await until(lambda: world.queue.published == 1)


async def test_forgetting_removes_what_accepting_kept() -> None:
    async with GatewayWorld().running() as world:
        # Given
        job = await world.open()
        await world.intake.accept(job, submission("a"), Listener(world))

        # When
        await world.intake.forget(job, submission("a"))

        # Then
        assert world.store.images == {}
