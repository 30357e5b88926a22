"""Who is next: the urgent first, the others never not at all, submitters in turn."""

from collections import Counter

from services.common import keys
from services.common.lanes import Lane
from services.common.worker_report import WorkerReport, encode_report
from services.worker.job_ledger import ClaimState
from tests.integration.jobs_under_test import BATCH_SIZE
from tests.integration.queue_world import QueueWorld


async def test_the_urgent_overtake_a_back_fill(queue: QueueWorld) -> None:
    # Given
    await queue.accept(200, Lane.BULK, "archive")
    queue.claim()
    urgent = await queue.accept(3, Lane.STAT)

    # When: one of two claims after another begins with the urgent
    claims = [queue.claim(), queue.claim()]

    # Then: alone, for batch-mates would make them wait
    assert urgent in claims


async def test_under_urgent_load_every_lane_gets_its_quarter(queue: QueueWorld) -> None:
    # Given: as much as anybody could take
    lane_of = {}
    for lane in Lane:
        for image in await queue.accept(45 * BATCH_SIZE, lane, lane):
            lane_of[image] = lane

    # When
    claimed = [queue.claim() for _ in range(40)]

    # Then: micro-batches are small while urgent images come, and none is mixed
    assert {len(images) for images in claimed} == {BATCH_SIZE // 4}
    lanes = Counter(lane_of[images[0]] for images in claimed)
    assert sum(lanes.values()) == 40
    assert abs(lanes[Lane.STAT] - 20) <= 1
    assert abs(lanes[Lane.ROUTINE] - 10) <= 1
    assert abs(lanes[Lane.BULK] - 10) <= 1


async def test_a_lone_urgent_image_is_next_whoever_waits(queue: QueueWorld) -> None:
    # Given: a back-fill that is worked on
    await queue.accept(40 * BATCH_SIZE, Lane.BULK)
    for _ in range(5):
        queue.claim()

    # Then
    for _ in range(5):
        (urgent,) = await queue.accept(1, Lane.STAT)
        assert queue.claim() == [urgent]
        assert urgent not in queue.claim()


async def test_a_back_fill_alone_gets_everything(queue: QueueWorld) -> None:
    # Given
    images = await queue.accept(4 * BATCH_SIZE, Lane.BULK)

    # Then
    assert [image for _ in range(4) for image in queue.claim()] == images


async def test_submitters_of_a_lane_take_turns(queue: QueueWorld) -> None:
    # Given: one sent a thousand before the others came
    many = await queue.accept(1000, submitter="many")
    few = await queue.accept(2 * BATCH_SIZE, submitter="few")
    single = await queue.accept(1, submitter="single")

    # When
    first = queue.claim()
    second = queue.claim()

    # Then
    assert single[0] in first
    assert len(set(first) & set(few)) >= BATCH_SIZE // 3
    assert len(set(second) & set(few)) == len(set(second) & set(many)) == BATCH_SIZE // 2

    # When
    everything = [*first, *second]
    while images := queue.claim():
        everything += images

    # Then: each once, and each submitter's in order
    assert len(everything) == len(set(everything)) == 1033
    assert [image for image in everything if image in set(many)] == many


async def test_few_images_are_shared_out_among_all_threads(queue: QueueWorld) -> None:
    # Given: four workers of one thread
    for name in "abcd":
        report = WorkerReport(name, "m", "1", "sha256:0", "cpu", 0.0, threads=1)
        queue.client.hset(keys.WORKERS, name, encode_report(report))
    await queue.accept(12)

    # When
    sizes = [len(queue.claim()) for _ in range(8)]

    # Then
    assert sizes == [3, 3, 2, 1, 1, 1, 1, 0]


async def test_what_is_left_of_a_huge_job_that_was_deleted_is_dropped_in_small_steps(
    queue: QueueWorld,
) -> None:
    # Given
    gone = await queue.accept(1000, submitter="gone")
    kept = await queue.accept(1, Lane.BULK, submitter="kept")
    await queue.registry.delete(gone[0].job)

    # When
    claims = [queue.ledger.claim(exclusive=False)]
    while claims[-1].state is ClaimState.AGAIN:
        claims.append(queue.ledger.claim(exclusive=False))

    # Then
    assert len(claims) > 1
    assert [claimed.image for claimed in claims[-1].images] == kept
