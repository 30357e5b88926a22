"""The fake registry and ledger and those on Redis keep the same promises to each other."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, cast

import pytest
import redis
import redis.asyncio

from services.common import keys
from services.common.errors import NotFound
from services.common.messages import ImageRecord, ImageRef, Outcome, decode_outcome
from services.gateway.job_registry import JobRegistry, RedisJobRegistry, Registered
from services.worker.job_ledger import JobLedger, RedisJobLedger
from tests.fakes.classifier import classification
from tests.fakes.job_ledger import FakeJobLedger
from tests.fakes.job_registry import FakeJobRegistry
from tests.fakes.jobs import MemoryJobs
from tests.redis_server import RedisServer

TTL = 100
QUEUE = "a queue"


class Results(Protocol):
    """Reads a job's results, and how many tasks a test pretends to wait."""

    async def of(self, job: str) -> list[bytes]:
        """The results in order."""
        ...

    async def pretend_waiting(self, tasks: int) -> None:
        """As if so many tasks waited in the queue."""
        ...


@dataclass
class Jobs:
    """Both sides of the same jobs."""

    registry: JobRegistry
    ledger: JobLedger
    results: Results


class MemoryResults:
    """Results in memory."""

    def __init__(self, state: MemoryJobs) -> None:
        self._state = state

    async def of(self, job: str) -> list[bytes]:
        """See Results."""
        return self._state.jobs[job].results

    async def pretend_waiting(self, tasks: int) -> None:
        """See Results."""
        self._state.waiting_tasks = tasks


class RedisResults:
    """Results in Redis."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client

    async def of(self, job: str) -> list[bytes]:
        """See Results. Positions have no gaps."""
        entries = cast(
            "list[tuple[bytes, dict[bytes, bytes]]]", await self._client.xrange(keys.results(job))
        )
        assert [entry for entry, _ in entries] == [b"%d-0" % n for n in range(1, len(entries) + 1)]
        return [fields[b"outcome"] for _, fields in entries]

    async def pretend_waiting(self, tasks: int) -> None:
        """See Results."""
        await self._client.rpush(QUEUE, *range(tasks))


@pytest.fixture(params=["fake", "redis"])
async def jobs(request: pytest.FixtureRequest, clean_redis: RedisServer) -> AsyncIterator[Jobs]:
    if request.param == "fake":
        state = MemoryJobs()
        yield Jobs(FakeJobRegistry(state), FakeJobLedger(state), MemoryResults(state))
        return
    async with redis.asyncio.Redis.from_url(clean_redis.url) as client:
        with clean_redis.client() as blocking:
            yield Jobs(
                RedisJobRegistry(client, queue_name=QUEUE, job_ttl_seconds=TTL),
                RedisJobLedger(blocking, job_ttl_seconds=TTL),
                RedisResults(client),
            )


def _record(digit: str = "d", **fields: object) -> ImageRecord:
    fields.setdefault("accepted_at", time.time())
    return ImageRecord(digit * 64, **fields)  # type: ignore[arg-type]


def _outcome(image_id: str, level: int = 1) -> Outcome:
    return Outcome(image_id, classification=classification(level))


async def test_jobs_have_names_of_their_own(jobs: Jobs) -> None:
    assert len({await jobs.registry.open() for _ in range(50)}) == 50


async def test_a_new_job_has_accepted_nothing(jobs: Jobs) -> None:
    assert await jobs.registry.accepted(await jobs.registry.open()) == 0


@pytest.mark.parametrize("job", ["0" * 32, "", "x", "a:images", "A" * 32, "0" * 31, "0" * 33])
async def test_a_job_that_was_never_opened_is_not_found(jobs: Jobs, job: str) -> None:
    with pytest.raises(NotFound) as caught:
        await jobs.registry.accepted(job)
    assert (caught.value.reason, caught.value.field) == ("JOB_NOT_FOUND", "open_job.job")


async def test_an_image_of_a_job_that_is_not_there_is_not_registered(jobs: Jobs) -> None:
    with pytest.raises(NotFound):
        await jobs.registry.register(ImageRef("0" * 32, "a"), _record())


async def test_an_image_is_new_then_pending_then_finished_and_counted_once(jobs: Jobs) -> None:
    # Given
    image = ImageRef(await jobs.registry.open(), "a")

    # When
    first = await jobs.registry.register(image, _record(accepted_at=1.0))
    second = await jobs.registry.register(image, _record(accepted_at=2.0))
    jobs.ledger.write([(image, _outcome("a"))])
    third = await jobs.registry.register(image, _record(accepted_at=3.0))

    # Then
    assert [one.found for one in (first, second, third)] == [
        Registered.NEW,
        Registered.PENDING,
        Registered.FINISHED,
    ]
    assert await jobs.registry.accepted(image.job) == 1


async def test_a_registration_sent_again_because_its_answer_was_lost_is_still_new(
    jobs: Jobs,
) -> None:
    # Given
    image, record = ImageRef(await jobs.registry.open(), "a"), _record()
    await jobs.registry.register(image, record)

    # When
    again = await jobs.registry.register(image, record)

    # Then
    assert again.found is Registered.NEW
    assert await jobs.registry.accepted(image.job) == 1


async def test_other_bytes_under_the_same_id_conflict_and_change_nothing(jobs: Jobs) -> None:
    # Given
    image, record = ImageRef(await jobs.registry.open(), "a"), _record("d")
    await jobs.registry.register(image, record)

    # When
    other = await jobs.registry.register(image, _record("e"))

    # Then
    assert other.found is Registered.CONFLICT
    assert jobs.ledger.pending([image]) == {image: record}
    assert await jobs.registry.accepted(image.job) == 1


async def test_the_same_id_in_another_job_is_another_image(jobs: Jobs) -> None:
    # Given
    one, two = [ImageRef(await jobs.registry.open(), "a") for _ in range(2)]
    await jobs.registry.register(one, _record("d"))

    # Then
    assert (await jobs.registry.register(two, _record("e"))).found is Registered.NEW


async def test_registering_tells_how_many_tasks_wait(jobs: Jobs) -> None:
    # Given
    job = await jobs.registry.open()
    idle = await jobs.registry.register(ImageRef(job, "a"), _record())

    # When
    await jobs.results.pretend_waiting(3)
    busy = await jobs.registry.register(ImageRef(job, "b"), _record())

    # Then
    assert (idle.waiting_tasks, busy.waiting_tasks) == (0, 3)


async def test_what_is_pending_comes_with_its_records_in_the_order_asked(jobs: Jobs) -> None:
    # Given: two jobs whose images alternate
    names = [await jobs.registry.open() for _ in range(2)]
    images = [ImageRef(names[n % 2], f"{n}") for n in range(6)]
    records = {
        image: _record(case_id=f"case {image.image_id}", pixel_size_nm=4.6) for image in images
    }
    for image, record in records.items():
        await jobs.registry.register(image, record)

    # When
    pending = jobs.ledger.pending(images[::-1])

    # Then
    assert pending == records
    assert list(pending) == images[::-1]


async def test_what_is_finished_deleted_or_unknown_is_not_pending(jobs: Jobs) -> None:
    # Given
    job, deleted = await jobs.registry.open(), await jobs.registry.open()
    images = [ImageRef(job, "open"), ImageRef(job, "finished"), ImageRef(deleted, "deleted")]
    for image in images:
        await jobs.registry.register(image, _record())
    jobs.ledger.write([(images[1], _outcome("finished"))])
    await jobs.registry.delete(deleted)

    # When
    pending = jobs.ledger.pending([*images, ImageRef(job, "unknown"), ImageRef("0" * 32, "x")])

    # Then
    assert list(pending) == images[:1]


def test_nothing_of_nothing_is_pending(jobs: Jobs) -> None:
    assert jobs.ledger.pending([]) == {}
    jobs.ledger.write([])


async def test_the_first_outcome_of_an_image_is_its_only_one(jobs: Jobs) -> None:
    # Given
    image = ImageRef(await jobs.registry.open(), "a")
    await jobs.registry.register(image, _record())

    # When
    jobs.ledger.write([(image, _outcome("a", 1)), (image, _outcome("a", 2))])
    jobs.ledger.write([(image, _outcome("a", 3))])

    # Then
    assert [decode_outcome(text) for text in await jobs.results.of(image.job)] == [_outcome("a", 1)]


async def test_outcomes_stand_in_the_order_written(jobs: Jobs) -> None:
    # Given
    job = await jobs.registry.open()
    images = [ImageRef(job, f"{n}") for n in range(5)]
    for image in images:
        await jobs.registry.register(image, _record())

    # When
    jobs.ledger.write([(image, _outcome(image.image_id)) for image in images[3:]])
    jobs.ledger.write([(image, _outcome(image.image_id)) for image in images[:3]])

    # Then
    texts = await jobs.results.of(job)
    assert [decode_outcome(text).image_id for text in texts] == ["3", "4", "0", "1", "2"]


async def test_an_outcome_of_a_deleted_job_is_written_nowhere(jobs: Jobs) -> None:
    # Given
    image = ImageRef(await jobs.registry.open(), "a")
    await jobs.registry.register(image, _record())
    await jobs.registry.delete(image.job)

    # When
    jobs.ledger.write([(image, _outcome("a"))])

    # Then
    with pytest.raises(NotFound):
        await jobs.registry.accepted(image.job)


async def test_deleting_a_job_again_changes_nothing(jobs: Jobs) -> None:
    # Given
    job = await jobs.registry.open()

    # When
    await jobs.registry.delete(job)
    await jobs.registry.delete(job)

    # Then
    with pytest.raises(NotFound):
        await jobs.registry.accepted(job)
