"""What nobody works on is found again, whatever happened to whom."""

import time

import pytest

from services.common import keys
from services.common.messages import ImageRef
from services.common.worker_report import WorkerReport, encode_report
from services.worker.job_ledger import ClaimState, Verdict
from tests.integration.jobs_under_test import QUEUE
from tests.integration.queue_world import QueueWorld


async def test_what_a_dead_worker_had_in_hand_is_queued_again_once(queue: QueueWorld) -> None:
    # Given
    images = await queue.accept(3)
    queue.claim()

    # When
    swept = queue.die(images)
    again = queue.sweep()

    # Then
    assert (swept.queued_again, again.queued_again) == (3, 0)
    assert [queue.claim(exclusive=True) for _ in range(4)] == [[one] for one in images] + [[]]


async def test_what_is_renewed_or_finished_or_deleted_is_not_queued_again(
    queue: QueueWorld,
) -> None:
    # Given
    images = await queue.accept(3)
    other = await queue.accept(1)
    queue.claim()
    queue.client.zadd(keys.LEASES, {image.member: 1.0 for image in [*images, *other]})

    # When
    queue.ledger.renew(images[:1])
    queue.finish(images[1:])
    await queue.registry.delete(other[0].job)

    # Then
    assert queue.sweep().queued_again == 0
    assert queue.client.zrange(keys.LEASES, 0, -1) == [images[0].member.encode()]


async def test_a_lease_that_ran_out_is_not_renewed(queue: QueueWorld) -> None:
    # Given: a worker that stood still, and whose image another one has claimed and finished
    (image,) = await queue.accept(1)
    queue.claim()
    queue.die([image])
    queue.claim(exclusive=True)
    queue.finish([image])

    # When
    queue.ledger.renew([image])

    # Then
    assert queue.client.zcard(keys.LEASES) == 0


async def test_a_suspect_is_claimed_alone_and_by_who_has_nothing_else_in_hand(
    queue: QueueWorld,
) -> None:
    # Given
    images = await queue.accept(8)
    queue.claim()
    queue.die(images[:2])
    later = await queue.accept(2)

    # When
    shared = queue.ledger.claim(exclusive=False)
    alone = [queue.ledger.claim(exclusive=True) for _ in range(2)]

    # Then
    assert (shared.state, shared.images) == (ClaimState.SUSPECT, ())
    assert [[one.image for one in claim.images] for claim in alone] == [[images[0]], [images[1]]]
    assert [claim.images[0].attempts for claim in alone] == [1, 1]
    assert queue.claim() == later


async def test_an_image_that_outlives_no_worker_is_not_run_a_fourth_time(
    queue: QueueWorld,
) -> None:
    # Given
    (image,) = await queue.accept(1)
    queue.claim()
    verdicts = []
    for _ in range(3):
        # When
        queue.die([image])
        (claimed,) = queue.ledger.claim(exclusive=True).images
        verdicts.append(claimed.verdict)

    # Then
    assert verdicts == [Verdict.RUN, Verdict.RUN, Verdict.CRASHED]


async def test_a_suspect_that_is_given_back_stays_one(queue: QueueWorld) -> None:
    # Given
    (image,) = await queue.accept(1)
    queue.claim()
    queue.die([image])
    queue.claim(exclusive=True)

    # When
    queue.ledger.release([image])

    # Then
    assert queue.ledger.claim(exclusive=False).state is ClaimState.SUSPECT
    assert queue.claim(exclusive=True) == [image]


@pytest.mark.parametrize("gap", [60.0, -3600.0], ids=["redis was away", "its clock was set back"])
async def test_who_could_not_renew_gets_time_to_do_so(queue: QueueWorld, gap: float) -> None:
    # Given: leases that ran out, or last for hours by the new clock
    images = await queue.accept(2)
    queue.claim()
    now = queue.client.time()[0]
    queue.client.zadd(keys.LEASES, {image.member: now - gap for image in images})

    # When
    swept = queue.sweep(seconds_since_the_last=gap)

    # Then
    assert swept.queued_again == 0
    for image in images:
        runs_out = queue.client.zscore(keys.LEASES, image.member)
        assert runs_out == pytest.approx(now + queue.leases.seconds, abs=30)


async def test_sweeps_that_follow_at_once_do_nothing(queue: QueueWorld) -> None:
    # Given
    images = await queue.accept(1)
    queue.claim()
    queue.sweep()
    queue.client.zadd(keys.LEASES, {images[0].member: 1.0})

    # Then
    assert queue.sweep(seconds_since_the_last=0.01).queued_again == 0
    assert queue.sweep().queued_again == 1


@pytest.mark.parametrize(
    ("waiting", "threads", "in_queue", "lacking"),
    [
        (0, [3], 0, 0),
        (1, [3], 0, 1),
        (1, [3], 1, 0),
        (50, [3, 2], 0, 5),
        (50, [3, 2], 4, 1),
        (50, [3, 2], 9, 0),
        (50, [], 0, 1),
    ],
)
async def test_as_many_wake_ups_are_lacking_as_threads_could_work(
    queue: QueueWorld, waiting: int, threads: list[int], in_queue: int, lacking: int
) -> None:
    # Given
    await queue.accept(waiting)
    for name, count in enumerate(threads):
        report = WorkerReport(f"{name}", "m", "1", "sha256:0", "cpu", 0.0, threads=count)
        queue.client.hset(keys.WORKERS, f"{name}", encode_report(report))
    queue.client.hset(keys.WORKERS, "another version", b"garbage")
    if in_queue:
        queue.client.rpush(QUEUE, *range(in_queue))
    queue.client.hdel(keys.WORKERS, "another version" if not threads else "nobody")

    # Then
    assert queue.sweep().wake_ups_lacking == lacking


async def test_what_is_in_hand_wakes_nobody_and_a_suspect_does(queue: QueueWorld) -> None:
    # Given
    (image,) = await queue.accept(1)
    queue.claim()

    # Then
    assert queue.sweep().wake_ups_lacking == 0
    assert queue.die([image]).wake_ups_lacking == 1


async def test_a_member_of_a_job_that_never_was_is_dropped(queue: QueueWorld) -> None:
    # Given
    queue.client.zadd(keys.LEASES, {ImageRef("0" * 32, "a").member: 1.0})

    # Then
    assert queue.sweep().queued_again == 0
    assert queue.client.zcard(keys.LEASES) == 0


async def test_work_whose_nudge_went_to_a_thread_that_was_killed_is_found_by_the_sweep(
    queue: QueueWorld,
) -> None:
    # Given: a thread that lingered when its process was killed
    queue.client.zadd(keys.LINGERING, {"killed": time.time() + 60})
    (image,) = await queue.accept(1)
    assert queue.client.exists(keys.nudges("killed"))

    # When
    swept = queue.sweep()

    # Then: and what it left goes by itself
    assert swept.wake_ups_lacking == 1
    assert queue.claim() == [image]
    assert 0 < queue.client.ttl(keys.nudges("killed")) <= 10
    assert not queue.client.exists(keys.LINGERING)


async def test_a_thread_whose_time_is_over_is_not_nudged(queue: QueueWorld) -> None:
    # Given
    queue.client.zadd(keys.LINGERING, {"gone": time.time() - 60})

    # When
    await queue.accept(1)

    # Then
    assert queue.client.keys("densa:nudges:*") == []
