"""A stream: who is answered when, and what holds it."""

import asyncio

from services.common.messages import ImageRef
from services.gateway.events import Accepted, JobOpened, Rejected
from services.gateway.job_registry import Opening, Registrant, Registration
from tests.unit.gateway.gateway_world import PNG, submission
from tests.unit.gateway.stream_client import StreamClient, world_of
from tests.waiting import settled, until


async def test_the_job_is_named_first_and_each_image_is_accepted_before_its_result() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()

        # When: the worker is as fast as can be
        working = asyncio.create_task(world.work(20))
        client.send(*(submission(str(n)) for n in range(20)))
        await working
        client.half_close()
        await client.ended()

    # Then
    assert client.error is None
    assert isinstance(client.events[0], JobOpened)
    assert client.accepted == [str(n) for n in range(20)]
    assert sorted(client.results, key=int) == client.accepted
    for image_id in client.accepted:
        places = [i for i, e in enumerate(client.events) if image_id == _image_id(e)]
        assert isinstance(client.events[places[0]], Accepted)
        assert len(places) == 2


def _image_id(event: object) -> str | None:
    return getattr(event, "image_id", None) or getattr(
        getattr(event, "outcome", None), "image_id", None
    )


async def test_a_bad_image_is_rejected_alone_and_in_its_turn() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()

        # When
        client.send(submission("a"), submission("b", b"text"), submission("c"))
        client.half_close()
        await world.work(2)
        await client.ended()

    # Then
    assert client.error is None
    answers = [e for e in client.events if isinstance(e, Accepted | Rejected)]
    assert [(type(e), e.image_id) for e in answers] == [
        (Accepted, "a"),
        (Rejected, "b"),
        (Accepted, "c"),
    ]
    assert sorted(client.results) == ["a", "c"]


async def test_an_image_id_of_other_bytes_is_rejected_alone() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()

        # When
        client.send(submission("a"), submission("a", PNG + b"other"), submission("b"))
        client.half_close()
        await world.work(2)
        await client.ended()

    # Then
    assert (client.error, client.rejected) == (None, ["a"])
    assert sorted(client.results) == ["a", "b"]


async def test_the_same_image_twice_is_accepted_twice_and_answered_once() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()

        # When
        client.send(submission("a"), submission("a"))
        await world.work(1)
        await until(lambda: client.results)
        client.send(submission("a"))
        client.half_close()
        await client.ended()

    # Then
    accepted = [event for event in client.events if isinstance(event, Accepted)]
    assert [event.duplicate for event in accepted] == [False, True, True]
    assert client.results == ["a"]
    assert world.images == []


async def test_a_stream_takes_no_more_than_its_window_until_results_come() -> None:
    async with world_of(stream_window=3).running() as world:
        # Given
        client = StreamClient(world)
        client.open()

        # When
        client.send(*(submission(str(n)) for n in range(9)))
        await until(lambda: len(client.accepted) == 3)
        await settled()

        # Then: not read, so that flow control holds the client
        assert client.taken == 1 + 3

        # When
        await world.work(2)
        await until(lambda: len(client.accepted) == 5)
        await settled()

        # Then
        assert client.taken == 1 + 5
        await client.leave()


async def test_what_needs_no_work_takes_no_place_in_the_window() -> None:
    async with world_of(stream_window=1).running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        client.send(submission("done"))
        await world.work(1)

        # When: rejected, and finished long ago
        for _ in range(3):
            client.send(submission("bad", b"text"), submission("done"))
        client.send(submission("last"))
        client.half_close()
        await world.work(1)
        await client.ended()

    # Then
    assert client.error is None
    assert client.results == ["done", "last"]


async def test_a_result_that_overtakes_its_duplicate_frees_the_window() -> None:
    async with world_of(stream_window=2).running() as world:
        # Given: an image of a job that another stream sent
        job = await world.open()
        image = ImageRef(job, "a")
        other = StreamClient(world)
        other.open(job)
        other.send(submission("a"))
        await until(lambda: world.images)
        register = world.registry.register

        async def overtaken(
            image: ImageRef, registrant: Registrant, *, opening: Opening | None = None
        ) -> Registration:
            registration = await register(image, registrant, opening=opening)
            world.answer(image)
            await settled()
            return registration

        # When: it is sent again, found pending, and its result comes before that is known
        world.registry.register = overtaken  # type: ignore[method-assign]
        client = StreamClient(world)
        client.open(job)
        client.send(submission("a"))
        await until(lambda: client.accepted)
        world.registry.register = register  # type: ignore[method-assign]
        client.send(submission("b"), submission("c"))

        # Then: two places are free
        await until(lambda: len(client.accepted) == 3)
        assert image in world.images
        await client.leave()
        await other.leave()
