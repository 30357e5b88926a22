"""The fake ledger and the one on Redis keep the same promises."""

import pytest

from services.common.errors import NotFound
from services.common.messages import ImageRef, decode_outcome
from tests.integration.jobs_under_test import Jobs, new_outcome, new_record


async def test_what_is_pending_comes_with_its_records_in_the_order_asked(jobs: Jobs) -> None:
    # Given: two jobs whose images alternate
    names = [await jobs.registry.open() for _ in range(2)]
    images = [ImageRef(names[n % 2], f"{n}") for n in range(6)]
    records = {
        image: new_record(case_id=f"case {image.image_id}", pixel_size_nm=4.6) for image in images
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
        await jobs.registry.register(image, new_record())
    jobs.ledger.write([(images[1], new_outcome("finished"))])
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
    await jobs.registry.register(image, new_record())

    # When
    jobs.ledger.write([(image, new_outcome("a", 1)), (image, new_outcome("a", 2))])
    jobs.ledger.write([(image, new_outcome("a", 3))])

    # Then
    assert [decode_outcome(text) for text in await jobs.results.of(image.job)] == [
        new_outcome("a", 1)
    ]


async def test_outcomes_stand_in_the_order_written(jobs: Jobs) -> None:
    # Given
    job = await jobs.registry.open()
    images = [ImageRef(job, f"{n}") for n in range(5)]
    for image in images:
        await jobs.registry.register(image, new_record())

    # When
    jobs.ledger.write([(image, new_outcome(image.image_id)) for image in images[3:]])
    jobs.ledger.write([(image, new_outcome(image.image_id)) for image in images[:3]])

    # Then
    texts = await jobs.results.of(job)
    assert [decode_outcome(text).image_id for text in texts] == ["3", "4", "0", "1", "2"]


async def test_an_outcome_of_a_deleted_job_is_written_nowhere(jobs: Jobs) -> None:
    # Given
    image = ImageRef(await jobs.registry.open(), "a")
    await jobs.registry.register(image, new_record())
    await jobs.registry.delete(image.job)

    # When
    jobs.ledger.write([(image, new_outcome("a"))])

    # Then
    with pytest.raises(NotFound):
        await jobs.registry.accepted(image.job)
