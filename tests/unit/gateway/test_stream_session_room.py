"""A stream waits where there is no room, and says Accepted before any result."""

from services.common.errors import Overloaded
from services.common.messages import ImageRef
from services.gateway.events import Accepted, Result
from services.gateway.job_registry import Opening, Registrant, Registration
from tests.unit.gateway.gateway_world import submission
from tests.unit.gateway.stream_client import StreamClient, ended_with, world_of
from tests.waiting import settled, until


async def test_a_stream_waits_for_room_and_goes_on_when_there_is_some() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        await client.opened()
        world.state.full = True

        # When
        client.send(submission("a"), submission("b"))
        await settled(200)
        world.backlog.poll(100, 0, 1.0, memory_full=False)  # still full
        await settled(200)

        # Then: one is held, the other not even read, and in the end nothing of them is kept
        await until(lambda: world.store.images == {})
        assert client.accepted == []
        assert client.taken == 2

        # When
        world.state.full = False

        def both_accepted() -> bool:
            # Looked at again and again, as it is in a gateway: who is told may not listen yet.
            world.backlog.poll(0, 0, 1.0, memory_full=False)
            return len(client.accepted) == 2

        await until(both_accepted)

        # Then
        assert client.accepted == ["a", "b"]
        assert client.rejected == []
        await client.leave()


async def test_a_stream_ends_where_room_does_not_come_by_itself() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        await client.opened()
        world.backlog.poll(0, 0, 0.0, memory_full=True)

        # When
        client.send(submission("a"))
        await client.ended()

    # Then
    ended_with(client, Overloaded, "QUEUE_MEMORY_FULL")


async def test_a_result_that_is_there_before_its_acceptance_is_known_is_told_after_it() -> None:
    async with world_of().running() as world:
        # Given: a worker that is faster than the registry's answer
        client = StreamClient(world)
        client.open()
        await client.opened()
        register = world.registry.register

        async def overtaken(
            image: ImageRef, registrant: Registrant, *, opening: Opening | None = None
        ) -> Registration:
            registration = await register(image, registrant, opening=opening)
            world.answer(image)
            await settled()
            return registration

        world.registry.register = overtaken  # type: ignore[method-assign]

        # When
        client.send(*(submission(f"{n}") for n in range(5)))
        client.half_close()
        await client.ended()

    # Then
    told = [
        (type(event), event.image_id if isinstance(event, Accepted) else event.outcome.image_id)
        for event in client.events
        if isinstance(event, Accepted | Result)
    ]
    for n in range(5):
        assert told.index((Accepted, f"{n}")) < told.index((Result, f"{n}"))
