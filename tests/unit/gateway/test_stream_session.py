"""A stream: who is answered when, what holds it, and how it ends."""

import asyncio

import pytest

from services.common.errors import (
    DensaError,
    Expired,
    InvalidRequest,
    NotFound,
    Unavailable,
)
from services.common.messages import ImageRecord, ImageRef
from services.gateway.events import Accepted, JobOpened, Rejected
from services.gateway.job_registry import Registration
from services.gateway.settings import GatewaySettings
from services.gateway.stream_session import EVENTS_HELD
from tests.unit.gateway.gateway_world import PNG, GatewayWorld, StreamClient, submission
from tests.waiting import settled, until


def _world(**settings: object) -> GatewayWorld:
    return GatewayWorld(
        GatewaySettings(batch_wait_seconds=0, **settings)  # type: ignore[arg-type]
    )


def _ended_with(client: StreamClient, kind: type[DensaError], reason: str) -> DensaError:
    assert isinstance(client.error, kind), client.error
    assert client.error.reason == reason
    return client.error


async def test_the_job_is_named_first_and_each_image_is_accepted_before_its_result() -> None:
    async with _world().running() as world:
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
    async with _world().running() as world:
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
    async with _world().running() as world:
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
    async with _world().running() as world:
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
    assert len(world.queue.images) == 1


async def test_a_stream_takes_no_more_than_its_window_until_results_come() -> None:
    async with _world(stream_window=3).running() as world:
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
    async with _world(stream_window=1).running() as world:
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
    async with _world(stream_window=2).running() as world:
        # Given: an image of a job that another stream sent
        job = await world.registry.open()
        image = ImageRef(job, "a")
        other = StreamClient(world)
        other.open(job)
        other.send(submission("a"))
        await until(lambda: world.queue.images)
        register = world.registry.register

        async def overtaken(image: ImageRef, record: ImageRecord) -> Registration:
            registration = await register(image, record)
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
        assert image in world.queue.images
        await client.leave()
        await other.leave()


async def test_a_stream_ends_when_it_is_half_closed_and_every_result_is_out() -> None:
    async with _world().running() as world:
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
    async with _world().running() as world:
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
    async with _world().running() as world:
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
    async with _world().running() as world:
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
    async with _world().running() as world:
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
    async with _world().running() as world:
        # Given
        client = StreamClient(world)

        # When
        client.open("f" * 32)
        client.send(submission("a"))
        await client.ended()

    # Then
    error = _ended_with(client, NotFound, "JOB_NOT_FOUND")
    assert error.field == "open_job.job"
    assert client.events == []


async def test_a_cursor_of_another_job_is_refused() -> None:
    async with _world().running() as world:
        # Given
        job = await world.registry.open()
        client = StreamClient(world)

        # When: there are not so many results
        client.open(job, 7)
        await client.ended()

    # Then
    error = _ended_with(client, InvalidRequest, "INVALID_CURSOR")
    assert error.field == "open_job.cursor"


@pytest.mark.parametrize("first", ["micrograph", "nothing"])
async def test_a_stream_that_does_not_begin_with_its_job_is_refused(first: str) -> None:
    async with _world().running() as world:
        # Given
        client = StreamClient(world)

        # When
        if first == "micrograph":
            client.send(submission("a"))
        client.half_close()
        await client.ended()

    # Then
    error = _ended_with(client, InvalidRequest, "JOB_NOT_OPENED")
    assert error.field == "open_job"


async def test_a_job_cannot_be_opened_twice_on_one_stream() -> None:
    async with _world().running() as world:
        # Given
        client = StreamClient(world)
        client.open()

        # When
        client.open()
        await client.ended()

    # Then
    _ended_with(client, InvalidRequest, "JOB_ALREADY_OPENED")


@pytest.mark.parametrize("opened", [True, False])
async def test_a_stream_that_is_never_fed_ends_as_idle(opened: bool) -> None:
    async with _world(stream_idle_seconds=0.02).running() as world:
        # Given
        client = StreamClient(world)
        if opened:
            client.open()

        # When
        await client.ended()

    # Then
    _ended_with(client, Expired, "STREAM_IDLE")
    assert len(client.events) == opened


async def test_a_stream_that_waits_for_a_result_is_not_idle() -> None:
    async with _world(stream_idle_seconds=0.02).running() as world:
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
    _ended_with(client, Expired, "STREAM_IDLE")


async def test_a_stopping_gateway_ends_its_streams_and_their_jobs_stay() -> None:
    async with _world().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        client.send(submission("a"))
        await until(lambda: client.accepted)

        # When
        world.draining.set()
        await client.ended()

        # Then
        _ended_with(client, Unavailable, "SHUTTING_DOWN")
        assert await world.registry.accepted(await client.opened()) == 1


@pytest.mark.parametrize(
    ("part", "reason"), [("store", "STORE_UNAVAILABLE"), ("queue", "QUEUE_UNAVAILABLE")]
)
async def test_a_part_that_is_away_ends_the_stream(part: str, reason: str) -> None:
    async with _world().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        await client.opened()

        # When
        world.store.down, world.state.down = part == "store", part == "queue"
        client.send(submission("a"))
        await client.ended()

    # Then
    _ended_with(client, Unavailable, reason)


async def test_an_error_of_the_clients_stream_ends_it() -> None:
    async with _world().running() as world:
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
    async with _world().running() as world:
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
    async with _world().running() as world:
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


async def test_what_was_accepted_goes_on_when_its_client_leaves() -> None:
    async with _world().running() as world:
        # Given
        client = StreamClient(world)
        client.open()
        job = await client.opened()
        client.send(*(submission(str(n)) for n in range(30)))
        await until(lambda: len(client.accepted) >= 10)

        # When
        await client.leave()

        # Then: the job's count and the queue agree
        accepted = await world.registry.accepted(job)
        assert accepted >= 10
        await world.work(accepted)
        again = StreamClient(world)
        again.open(job)
        again.half_close()
        await again.ended()
        assert (again.error, len(again.results)) == (None, accepted)
