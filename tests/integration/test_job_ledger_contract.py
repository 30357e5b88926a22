"""The fake ledger and the one on Redis keep the same promises."""

import asyncio

import pytest

from services.common.errors import NotFound
from services.common.messages import ImageRef, decode_outcome, decode_record
from services.gateway.job_registry import Opening
from services.worker.job_ledger import ClaimState, Verdict
from tests.integration.jobs_under_test import BATCH_SIZE, Jobs, new_outcome, new_registrant


async def _accepted(jobs: Jobs, count: int) -> list[ImageRef]:
    job = await jobs.registry.open(Opening())
    images = [ImageRef(job, f"{n}") for n in range(count)]
    for image in images:
        await jobs.registry.register(image, new_registrant())
    return images


def _claim(jobs: Jobs) -> list[ImageRef]:
    return [claimed.image for claimed in jobs.ledger.claim(exclusive=False).images]


async def test_what_was_accepted_is_claimed_once_in_order_with_its_record(jobs: Jobs) -> None:
    # Given
    job = await jobs.registry.open(Opening())
    images = [ImageRef(job, f"{n}") for n in range(6)]
    for image in images:
        await jobs.registry.register(image, new_registrant(case_id=f"case {image.image_id}"))

    # When
    claim = jobs.ledger.claim(exclusive=False)
    again = jobs.ledger.claim(exclusive=False)

    # Then
    assert claim.state is ClaimState.TAKEN
    assert [claimed.image for claimed in claim.images] == images
    assert {claimed.verdict for claimed in claim.images} == {Verdict.RUN}
    for claimed in claim.images:
        record = decode_record(claimed.record)
        assert (record.digest, record.size) == ("d" * 64, 1000)
        assert record.details.case_id == f"case {claimed.image.image_id}"
        assert record.details.pixel_size_nm == 4.6
        assert record.deadline_at == 0
        assert 0 <= claim.claimed_at - record.accepted_at < 60
    assert (again.state, again.images) == (ClaimState.EMPTY, ())


async def test_a_claim_takes_no_more_than_a_micro_batch(jobs: Jobs) -> None:
    # Given
    images = await _accepted(jobs, BATCH_SIZE + 3)

    # Then
    assert _claim(jobs) == images[:BATCH_SIZE]
    assert _claim(jobs) == images[BATCH_SIZE:]


async def test_what_is_finished_or_deleted_is_not_claimed(jobs: Jobs) -> None:
    # Given
    kept, deleted = await _accepted(jobs, 3), await _accepted(jobs, 3)
    jobs.ledger.write([(kept[1], new_outcome("1"))])
    await jobs.registry.delete(deleted[0].job)

    # Then
    assert _claim(jobs) == [kept[0], kept[2]]


async def test_what_is_released_is_claimed_again_first_and_in_order(jobs: Jobs) -> None:
    # Given
    images = await _accepted(jobs, BATCH_SIZE + 2)
    claimed = _claim(jobs)

    # When: one has its outcome by then
    jobs.ledger.write([(images[0], new_outcome("0"))])
    jobs.ledger.release(claimed)
    jobs.ledger.release(claimed)

    # Then
    assert [*_claim(jobs), *_claim(jobs)] == images[1:]


async def test_what_waited_too_long_is_claimed_to_be_told_so(jobs: Jobs) -> None:
    # Given
    job = await jobs.registry.open(Opening())
    await jobs.registry.register(ImageRef(job, "late"), new_registrant(max_wait_seconds=0))
    await jobs.registry.register(ImageRef(job, "soon"), new_registrant(max_wait_seconds=1000))

    # When
    claim = jobs.ledger.claim(exclusive=False)

    # Then
    assert [(one.image.image_id, one.verdict) for one in claim.images] == [
        ("late", Verdict.EXPIRED),
        ("soon", Verdict.RUN),
    ]


def test_nothing_of_nothing_is_claimed_renewed_or_written(jobs: Jobs) -> None:
    assert jobs.ledger.claim(exclusive=True).state is ClaimState.EMPTY
    jobs.ledger.renew([])
    jobs.ledger.release([])
    jobs.ledger.write([])


async def test_the_first_outcome_of_an_image_is_its_only_one(jobs: Jobs) -> None:
    # Given
    (image,) = await _accepted(jobs, 1)

    # When
    jobs.ledger.write([(image, new_outcome("0", 1)), (image, new_outcome("0", 2))])
    jobs.ledger.write([(image, new_outcome("0", 3))])

    # Then
    assert [decode_outcome(text) for text in await jobs.results.of(image.job)] == [
        new_outcome("0", 1)
    ]


async def test_outcomes_stand_in_the_order_written(jobs: Jobs) -> None:
    # Given
    images = await _accepted(jobs, 5)

    # When
    jobs.ledger.write([(image, new_outcome(image.image_id)) for image in images[3:]])
    jobs.ledger.write([(image, new_outcome(image.image_id)) for image in images[:3]])

    # Then
    texts = await jobs.results.of(images[0].job)
    assert [decode_outcome(text).image_id for text in texts] == ["3", "4", "0", "1", "2"]


async def test_an_outcome_of_a_deleted_job_is_written_nowhere(jobs: Jobs) -> None:
    # Given
    (image,) = await _accepted(jobs, 1)
    await jobs.registry.delete(image.job)

    # When
    jobs.ledger.write([(image, new_outcome("0"))])

    # Then
    with pytest.raises(NotFound):
        await jobs.registry.due(image.job)


async def test_who_lingers_hears_at_once_of_what_is_registered_and_nobody_else_is_woken(
    jobs: Jobs,
) -> None:
    # Given
    lingering = asyncio.create_task(asyncio.to_thread(jobs.ledger.linger, 30))
    job = await jobs.registry.open(Opening())

    # When: the first of these may come before the thread lingers, not all of them
    heard = []
    for n in range(1000):
        heard.append(await jobs.registry.register(ImageRef(job, f"{n}"), new_registrant()))
        await asyncio.sleep(0.001)
        if lingering.done():
            break

    # Then
    assert await lingering
    assert max(registration.wake_ups for registration in heard) <= 1
    assert len(_claim(jobs)) == min(len(heard), BATCH_SIZE)


async def test_who_lingers_while_something_waits_does_not(jobs: Jobs) -> None:
    # Given
    await _accepted(jobs, 1)

    # Then
    assert await asyncio.to_thread(jobs.ledger.linger, 30)


async def test_who_lingers_for_nothing_leaves(jobs: Jobs) -> None:
    # When
    heard = await asyncio.to_thread(jobs.ledger.linger, 0.05)
    registration = await jobs.registry.register(
        ImageRef(await jobs.registry.open(Opening()), "a"), new_registrant()
    )

    # Then
    assert not heard
    assert registration.wake_ups == 0
