"""What only Redis can show of jobs: they leave nothing for ever, and one writer wins a race."""

from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
import redis.asyncio

from services.common import keys
from services.common.errors import NotFound, Overloaded, Unavailable
from services.common.lanes import Lane
from services.common.messages import ImageRef, Outcome
from services.gateway.job_registry import Opening
from services.worker.job_ledger import ClaimState
from tests.fakes.classifier import classification
from tests.integration.jobs_under_test import TTL, new_registrant, registry_on
from tests.integration.queue_world import QueueOf, QueueWorld


@pytest.mark.parametrize("stage", ["waiting", "in hand", "finished"])
async def test_nothing_is_left_of_a_job_that_is_deleted(queue: QueueWorld, stage: str) -> None:
    # Given
    images = await queue.accept(40, size=7)
    if stage != "waiting":
        claimed = queue.claim()
        if stage == "finished":
            queue.finish(claimed)

    # When: what the lanes still hold of it is dropped by whoever meets it
    await queue.registry.delete(images[0].job)

    # Then
    assert queue.load == {}
    while queue.ledger.claim(exclusive=False).state is not ClaimState.EMPTY:
        pass
    if stage == "in hand":
        queue.finish(claimed)
    assert queue.traces == set()


async def test_a_job_is_forgotten_when_it_has_been_still_for_its_time(queue: QueueWorld) -> None:
    # Given
    (old,) = await queue.accept(1)
    (young,) = await queue.accept(1)
    queue.client.zincrby("densa:expiry", -TTL - 1, old.job)

    # When
    swept = queue.sweep()

    # Then
    assert swept.expired == 1
    with pytest.raises(NotFound):
        await queue.registry.due(old.job)
    assert await queue.registry.due(young.job) == 1
    assert queue.load[b"images"] == b"1"


async def test_each_image_and_each_result_lets_the_whole_job_live_longer(
    queue: QueueWorld,
) -> None:
    # Given
    (image,) = await queue.accept(1)

    def age() -> float:
        queue.client.zadd("densa:expiry", {image.job: 5.0})
        return 5.0

    # When
    age()
    await queue.registry.register(ImageRef(image.job, "b"), new_registrant())
    after_image = queue.client.zscore("densa:expiry", image.job)
    age()
    queue.finish([image])
    after_result = queue.client.zscore("densa:expiry", image.job)

    # Then
    now = queue.client.time()[0]
    assert after_image == pytest.approx(now + TTL, abs=30)
    assert after_result == pytest.approx(now + TTL, abs=30)


async def test_of_many_writers_at_once_one_wins_and_the_others_leave_no_gap(
    queue: QueueWorld,
) -> None:
    # Given
    images = await queue.accept(20)
    job = images[0].job

    def write(level: int) -> None:
        answer = classification(level)
        queue.ledger.write([(image, Outcome(image.image_id, "", answer)) for image in images])

    # When
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))

    # Then
    entries = cast("list[tuple[bytes, object]]", queue.client.xrange(keys.results(job)))
    assert [entry for entry, _ in entries] == [b"%d-0" % n for n in range(1, 21)]
    assert queue.client.hget(keys.job(job), "finished") == b"20"
    assert queue.load == {}


async def test_a_redis_that_is_not_there_is_unavailable() -> None:
    # Given
    async with redis.asyncio.Redis.from_url("unix:///nowhere.sock") as client:
        # Then
        with pytest.raises(Unavailable) as caught:
            await registry_on(client).open(Opening())
        assert caught.value.reason == "QUEUE_UNAVAILABLE"


async def test_a_redis_at_its_memory_limit_accepts_nothing_and_finishes_what_it_has(
    queue: QueueWorld,
) -> None:
    # Given
    images = await queue.accept(20)
    queue.client.config_set("maxmemory", 1)
    try:
        # When
        with pytest.raises(Overloaded) as caught:
            await queue.registry.register(ImageRef(images[0].job, "more"), new_registrant())
        claimed = queue.claim()
        queue.finish(claimed[1:])
        queue.ledger.release(claimed[:1])
        queue.sweep_again()

        # Then: nothing of what was refused is there by half
        assert caught.value.reason == "QUEUE_MEMORY_FULL"
        assert caught.value.retry_after > 0
        assert await queue.registry.due(images[0].job) == 20
        assert queue.load[b"images"] == b"5"
        assert queue.claim() == [claimed[0], *images[16:]]
    finally:
        queue.client.config_set("maxmemory", 0)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"images": 10}, "QUEUE_FULL"),
        ({"size": 10_500}, "QUEUE_FULL"),
    ],
)
async def test_no_more_is_accepted_than_the_limit_and_as_much_again_as_is_finished(
    queue_of: QueueOf, limits: dict[str, int], reason: str
) -> None:
    # Given: of STAT, which may use all of it; two submitters, for one may use half
    queue = queue_of(**limits)
    images = await queue.accept(5, Lane.STAT, "one") + await queue.accept(5, Lane.STAT, "two")
    more = ImageRef(images[-1].job, "more")

    # When
    with pytest.raises(Overloaded) as caught:
        await queue.registry.register(more, new_registrant())

    # Then: what is known already is no more
    assert caught.value.reason == reason
    await queue.registry.register(images[0], new_registrant())

    # When
    queue.finish(images[:1] + images[5:6])
    await queue.registry.register(more, new_registrant())

    # Then
    assert (queue.load[b"images"], queue.load[b"bytes"]) == (b"9", b"9000")


@pytest.mark.parametrize(("lane", "room"), [(Lane.STAT, 20), (Lane.ROUTINE, 18), (Lane.BULK, 16)])
async def test_the_less_urgent_leave_room_to_the_more_urgent(
    queue_of: QueueOf, lane: Lane, room: int
) -> None:
    # Given
    queue = queue_of(images=20)
    jobs = [await queue.registry.open(Opening(lane, name)) for name in "abc"]

    # When
    for n in range(room):
        await queue.registry.register(ImageRef(jobs[n % 3], f"{n}"), new_registrant())

    # Then
    with pytest.raises(Overloaded):
        await queue.registry.register(ImageRef(jobs[0], "more"), new_registrant())


async def test_one_submitter_gets_half_of_the_room(queue_of: QueueOf) -> None:
    # Given
    queue = queue_of(images=20)
    await queue.accept(10, Lane.STAT, "greedy")

    # When
    with pytest.raises(Overloaded) as caught:
        await queue.accept(1, Lane.STAT, "greedy")

    # Then
    assert caught.value.reason == "SUBMITTER_FULL"
    await queue.accept(10, Lane.STAT, "other")


async def test_one_image_larger_than_the_room_is_taken_where_nothing_waits(
    queue_of: QueueOf,
) -> None:
    # Given: else it would be taken never
    queue = queue_of(size=10)

    # Then
    assert len(await queue.accept(1, Lane.BULK, size=1000)) == 1
    with pytest.raises(Overloaded):
        await queue.accept(1, Lane.STAT, "other", size=1)
