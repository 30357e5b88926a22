"""The fake registry and the one on Redis keep the same promises."""

import pytest

from services.common.errors import NotFound
from services.common.messages import ImageRef, decode_record
from services.gateway.job_registry import Opening, Registered, new_job_name
from tests.integration.jobs_under_test import Jobs, new_outcome, new_registrant


async def test_jobs_have_names_of_their_own(jobs: Jobs) -> None:
    assert len({await jobs.registry.open(Opening()) for _ in range(50)}) == 50


async def test_a_new_job_has_accepted_nothing(jobs: Jobs) -> None:
    assert await jobs.registry.due(await jobs.registry.open(Opening())) == 0


@pytest.mark.parametrize("job", ["0" * 32, "", "x", "a:images", "A" * 32, "0" * 31, "0" * 33])
async def test_a_job_that_was_never_opened_is_not_found(jobs: Jobs, job: str) -> None:
    with pytest.raises(NotFound) as caught:
        await jobs.registry.due(job)
    assert (caught.value.reason, caught.value.field) == ("JOB_NOT_FOUND", "open_job.job")


async def test_an_image_of_a_job_that_is_not_there_is_not_registered(jobs: Jobs) -> None:
    with pytest.raises(NotFound):
        await jobs.registry.register(ImageRef("0" * 32, "a"), new_registrant())


async def test_an_image_can_open_its_job_in_the_same_step(jobs: Jobs) -> None:
    # Given
    job = new_job_name()

    # When
    first = await jobs.registry.register(ImageRef(job, "a"), new_registrant(), opening=Opening())
    second = await jobs.registry.register(ImageRef(job, "b"), new_registrant(), opening=Opening())

    # Then: opened once, and nothing of it is lost
    assert [first.found, second.found] == [Registered.NEW, Registered.NEW]
    assert await jobs.registry.due(job) == 2
    assert [one.image.image_id for one in jobs.ledger.claim(exclusive=False).images] == ["a", "b"]


async def test_an_image_is_new_then_pending_then_finished_and_counted_once(jobs: Jobs) -> None:
    # Given
    image = ImageRef(await jobs.registry.open(Opening()), "a")

    # When
    first = await jobs.registry.register(image, new_registrant())
    second = await jobs.registry.register(image, new_registrant())
    jobs.ledger.write([(image, new_outcome("a"))])
    third = await jobs.registry.register(image, new_registrant())

    # Then
    assert [one.found for one in (first, second, third)] == [
        Registered.NEW,
        Registered.PENDING,
        Registered.FINISHED,
    ]
    assert await jobs.registry.due(image.job) == 1


async def test_a_registration_sent_again_because_its_answer_was_lost_is_still_new(
    jobs: Jobs,
) -> None:
    # Given
    image, registrant = ImageRef(await jobs.registry.open(Opening()), "a"), new_registrant()
    await jobs.registry.register(image, registrant)

    # When
    again = await jobs.registry.register(image, registrant)

    # Then: and it waits once
    assert again.found is Registered.NEW
    assert len(jobs.ledger.claim(exclusive=False).images) == 1
    assert await jobs.registry.due(image.job) == 1


async def test_other_bytes_under_the_same_id_conflict_and_change_nothing(jobs: Jobs) -> None:
    # Given
    image = ImageRef(await jobs.registry.open(Opening()), "a")
    await jobs.registry.register(image, new_registrant("d"))

    # When
    other = await jobs.registry.register(image, new_registrant("e"))

    # Then
    assert other.found is Registered.CONFLICT
    (claimed,) = jobs.ledger.claim(exclusive=False).images
    assert decode_record(claimed.record).digest == "d" * 64
    assert await jobs.registry.due(image.job) == 1


async def test_the_same_id_in_another_job_is_another_image(jobs: Jobs) -> None:
    # Given
    one, two = [ImageRef(await jobs.registry.open(Opening()), "a") for _ in range(2)]
    await jobs.registry.register(one, new_registrant("d"))

    # Then
    assert (await jobs.registry.register(two, new_registrant("e"))).found is Registered.NEW


async def test_registering_tells_how_many_wake_ups_wait(jobs: Jobs) -> None:
    # Given
    job = await jobs.registry.open(Opening())
    idle = await jobs.registry.register(ImageRef(job, "a"), new_registrant())

    # When
    await jobs.results.pretend_waiting(3)
    busy = await jobs.registry.register(ImageRef(job, "b"), new_registrant())

    # Then
    assert (idle.wake_ups, busy.wake_ups) == (0, 3)


async def test_deleting_a_job_again_changes_nothing(jobs: Jobs) -> None:
    # Given
    job = await jobs.registry.open(Opening())

    # When
    await jobs.registry.delete(job)
    await jobs.registry.delete(job)

    # Then
    with pytest.raises(NotFound):
        await jobs.registry.due(job)
