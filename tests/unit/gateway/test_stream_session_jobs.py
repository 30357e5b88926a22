"""A stream is a job: it ends when the job is done, and another stream can go on with it."""

from services.common.errors import (
    InvalidRequest,
    NotFound,
)
from services.gateway.events import JobOpened
from tests.unit.gateway.gateway_world import submission
from tests.unit.gateway.stream_client import StreamClient, ended_with, world_of
from tests.waiting import settled, until


async def test_a_stream_ends_when_it_is_half_closed_and_every_result_is_out() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        client.send(submission("a"), submission("b"))
        client.half_close()
        await world.work(1)
        await until(lambda: client.results)
        await settled()

        # Then
        assert not client.task.done()

        # When
        await world.work(1)
        await client.ended()

        # Then
        assert client.error is None
        assert len(client.results) == 2


async def test_a_stream_without_images_ends_when_it_is_half_closed() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)

        # When
        client.open()
        client.half_close()
        await client.ended()

    # Then
    assert client.error is None
    assert [type(event) for event in client.events] == [JobOpened]


async def test_a_stream_waits_for_the_images_of_its_job_that_others_sent() -> None:
    async with world_of().running() as world:
        # Given
        sender = StreamClient(world)
        sender.open()
        job = await sender.opened()
        sender.send(submission("a"))
        await until(lambda: sender.accepted)
        await sender.leave()

        # When
        client = StreamClient(world)
        client.open(job)
        client.half_close()
        await client.opened()
        await world.work(1)
        await client.ended()

    # Then
    assert (client.error, client.results) == (None, ["a"])


async def test_a_resumed_stream_goes_on_after_its_cursor() -> None:
    async with world_of().running() as world:
        # Given
        first = StreamClient(world)
        first.open()
        job = await first.opened()
        first.send(*(submission(str(n)) for n in range(6)))
        await until(lambda: len(first.accepted) == 6)
        await world.work(2)
        await until(lambda: len(first.results) == 2)
        cursor = first.cursor
        await first.leave()
        await world.work(2)

        # When
        second = StreamClient(world)
        second.open(job, cursor)
        second.send(submission("6"))
        second.half_close()
        await world.work(3)
        await second.ended()

    # Then
    assert second.error is None
    assert second.events[0] == JobOpened(job, cursor)
    assert sorted(first.results + second.results, key=int) == [str(n) for n in range(7)]


async def test_a_job_resumed_without_a_cursor_returns_every_result_again() -> None:
    async with world_of().running() as world:
        # Given
        first = StreamClient(world)
        first.open()
        job = await first.opened()
        first.send(submission("a"), submission("b"))
        first.half_close()
        await world.work(2)
        await first.ended()

        # When
        second = StreamClient(world)
        second.open(job)
        second.half_close()
        await second.ended()

    # Then
    assert (second.error, second.results) == (None, first.results)


async def test_a_job_that_is_not_there_ends_the_stream_before_anything_else() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)

        # When
        client.open("f" * 32)
        client.send(submission("a"))
        await client.ended()

    # Then
    error = ended_with(client, NotFound, "JOB_NOT_FOUND")
    assert error.field == "open_job.job"
    assert client.events == []


async def test_a_cursor_of_another_job_is_refused() -> None:
    async with world_of().running() as world:
        # Given
        job = await world.open()
        client = StreamClient(world)

        # When: there are not so many results
        client.open(job, 7)
        await client.ended()

    # Then
    error = ended_with(client, InvalidRequest, "INVALID_CURSOR")
    assert error.field == "open_job.cursor"


async def test_what_was_accepted_goes_on_when_its_client_leaves() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        job = await client.opened()
        client.send(*(submission(str(n)) for n in range(30)))
        await until(lambda: len(client.accepted) >= 10)

        # When
        await client.leave()

        # Then: the job's count and the queue agree
        accepted = await world.registry.due(job)
        assert accepted >= 10
        await world.work(accepted)
        again = StreamClient(world)
        again.open(job)
        again.half_close()
        await again.ended()
        assert (again.error, len(again.results)) == (None, accepted)
