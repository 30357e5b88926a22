"""How a stream ends before its time, and what it leaves behind: nothing."""

import asyncio

import pytest

from services.common.errors import (
    Expired,
    InvalidRequest,
    Unavailable,
)
from services.gateway.stream_session import EVENTS_HELD
from tests.unit.gateway.gateway_world import submission
from tests.unit.gateway.stream_client import StreamClient, ended_with, world_of
from tests.waiting import settled, until


@pytest.mark.parametrize("first", ["micrograph", "nothing"])
async def test_a_stream_that_does_not_begin_with_its_job_is_refused(first: str) -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)

        # When
        if first == "micrograph":
            client.send(submission("a"))
        client.half_close()
        await client.ended()

    # Then
    error = ended_with(client, InvalidRequest, "JOB_NOT_OPENED")
    assert error.field == "open_job"


async def test_a_job_cannot_be_opened_twice_on_one_stream() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()

        # When
        client.open()
        await client.ended()

    # Then
    ended_with(client, InvalidRequest, "JOB_ALREADY_OPENED")


@pytest.mark.parametrize("opened", [True, False])
async def test_a_stream_that_is_never_fed_ends_as_idle(opened: bool) -> None:
    async with world_of(stream_idle_seconds=0.02).running() as world:
        # Given
        client = StreamClient(world)
        if opened:
            client.open()

        # When
        await client.ended()

    # Then
    ended_with(client, Expired, "STREAM_IDLE")
    assert len(client.events) == opened


async def test_a_stream_that_waits_for_a_result_is_not_idle() -> None:
    async with world_of(stream_idle_seconds=0.02).running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        client.send(submission("a"))
        await until(lambda: client.accepted)

        # When: it waits for many times as long
        await asyncio.sleep(0.2)
        waited = not client.task.done()
        await world.work(1)
        await client.ended()

    # Then
    assert waited
    assert client.results == ["a"]
    ended_with(client, Expired, "STREAM_IDLE")


async def test_a_stopping_gateway_ends_its_streams_and_their_jobs_stay() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        client.send(submission("a"))
        await until(lambda: client.accepted)

        # When
        world.draining.set()
        await client.ended()

        # Then
        ended_with(client, Unavailable, "SHUTTING_DOWN")
        assert await world.registry.due(await client.opened()) == 1


@pytest.mark.parametrize(
    ("part", "reason"), [("store", "STORE_UNAVAILABLE"), ("queue", "QUEUE_UNAVAILABLE")]
)
async def test_a_part_that_is_away_ends_the_stream(part: str, reason: str) -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        await client.opened()

        # When
        world.store.down, world.state.down = part == "store", part == "queue"
        client.send(submission("a"))
        await client.ended()

    # Then
    ended_with(client, Unavailable, reason)


async def test_an_error_of_the_clients_stream_ends_it() -> None:
    async with world_of().running() as world:
        # Given: what the converter raises for a message that holds nothing
        error = InvalidRequest("empty", reason="EMPTY_REQUEST")
        client = StreamClient(world)

        async def failing() -> object:
            raise error

        client._requests.get = failing  # type: ignore[assignment]

        # When
        await client.ended()

    # Then
    assert client.error is error


async def test_a_client_that_does_not_read_is_not_read_either() -> None:
    async with world_of().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        await client.opened()
        client.reads.clear()

        # When
        client.send(*(submission(str(n), b"text") for n in range(10 * EVENTS_HELD)))
        await settled(500)

        # Then
        assert client.taken <= EVENTS_HELD + 4

        # When
        client.reads.set()

        # Then
        await until(lambda: len(client.rejected) == 10 * EVENTS_HELD)
        await client.leave()


@pytest.mark.parametrize("end", ["leave", "drain", "finish"])
async def test_a_stream_that_is_over_watches_and_runs_no_longer(end: str) -> None:
    async with world_of().running() as world:
        # Given
        before = len(asyncio.all_tasks())
        client = StreamClient(world)
        client.open()
        client.send(submission("a"))
        await until(lambda: client.accepted)

        # When
        match end:
            case "leave":
                await client.leave()
            case "drain":
                world.draining.set()
            case "finish":
                client.half_close()
                await world.work(1)
        await client.ended()
        await settled()

        # Then
        assert world.reader._watches == {}
        assert len(asyncio.all_tasks()) == before
