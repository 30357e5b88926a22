"""The fake cases and those on Redis keep the same promises."""

from services.common.case_result import CaseResult
from services.common.errors import JobClosed, NotFound
from services.common.messages import ImageRef, Outcome, decode_outcome
from services.gateway.case_finisher import CaseFinisher
from services.gateway.job_registry import Opening, Registered
from tests.fakes.classifier import classification
from tests.integration.jobs_under_test import Jobs, new_registrant


async def _job(jobs: Jobs, *images: tuple[str, str]) -> str:
    """A job with these images, each with its case."""
    job = await jobs.registry.open(Opening())
    for image_id, case_id in images:
        await jobs.registry.register(ImageRef(job, image_id), new_registrant(case_id=case_id))
    return job


def _answer(jobs: Jobs, job: str, image_id: str, case_id: str, level: int = 1) -> None:
    outcome = Outcome(image_id, case_id, classification(level))
    jobs.ledger.write([(ImageRef(job, image_id), outcome)])


async def _refusal(jobs: Jobs, job: str, image_id: str, case_id: str) -> str:
    try:
        await jobs.registry.register(ImageRef(job, image_id), new_registrant(case_id=case_id))
    except JobClosed as error:
        return error.reason
    return ""


async def test_a_closed_case_takes_no_more_and_the_others_do(jobs: Jobs) -> None:
    job = await _job(jobs, ("a", "one"), ("b", "one 2"))
    assert await jobs.cases.close(job, "one") == 1
    assert await jobs.cases.close(job, "one") == 1
    assert await _refusal(jobs, job, "c", "one") == "CASE_CLOSED"
    assert not await _refusal(jobs, job, "d", "one 2")
    assert not await _refusal(jobs, job, "e", "")
    assert await jobs.registry.due(job) == 5


async def test_an_image_that_was_accepted_before_is_still_a_duplicate(jobs: Jobs) -> None:
    job = await _job(jobs, ("a", "one"))
    await jobs.cases.close(job)
    again = await jobs.registry.register(ImageRef(job, "a"), new_registrant(case_id="one"))
    assert again.found is Registered.PENDING
    assert await _refusal(jobs, job, "b", "two") == "JOB_CLOSED"


async def test_closing_the_job_closes_every_case_once(jobs: Jobs) -> None:
    job = await _job(jobs, ("a", "one"), ("b", "two"), ("c", ""), ("d", "two"))
    await jobs.cases.close(job, "two")
    assert await jobs.cases.close(job) == 2
    assert await jobs.cases.close(job) == 2
    assert await jobs.cases.closed(job) == ["one", "two"]


async def test_what_is_not_there_cannot_be_closed(jobs: Jobs) -> None:
    job = await _job(jobs, ("a", "one"))
    for name, case_id, reason in [
        (job, "on", "CASE_NOT_FOUND"),
        (job, "one\t", "CASE_NOT_FOUND"),
        ("0" * 32, "one", "JOB_NOT_FOUND"),
    ]:
        try:
            await jobs.cases.close(name, case_id)
        except NotFound as error:
            assert error.reason == reason  # noqa: PT017
        else:
            raise AssertionError(case_id)


async def test_a_case_has_its_positions_when_it_is_closed_and_complete(jobs: Jobs) -> None:
    job = await _job(jobs, ("b", "one"), ("x", "two"), ("a", "one"))
    _answer(jobs, job, "b", "one")
    _answer(jobs, job, "x", "two")
    _answer(jobs, job, "a", "one")
    assert await jobs.cases.positions(job, "one") == []
    await jobs.cases.close(job, "one")
    assert await jobs.cases.positions(job, "one") == [3, 1]
    outcomes = await jobs.cases.outcomes(job, [3, 1])
    assert [outcome.image_id for outcome in outcomes] == ["a", "b"]


async def test_the_first_result_of_a_case_stays(jobs: Jobs) -> None:
    job = await _job(jobs, ("a", "one"))
    _answer(jobs, job, "a", "one")
    await jobs.cases.close(job)
    first = Outcome("", "one", case=CaseResult("one", 1, 0))
    await jobs.cases.write(job, first)
    await jobs.cases.write(job, Outcome("", "one", case=CaseResult("one", 7, 7)))
    assert [decode_outcome(text) for text in (await jobs.results.of(job))[1:]] == [first]
    assert await jobs.cases.closed(job) == []
    assert await jobs.registry.due(job) == 2


async def test_two_gateways_that_finish_a_case_make_one_result(jobs: Jobs) -> None:
    job = await _job(jobs, ("a", "one"), ("b", "one"))
    await jobs.cases.close(job)
    finishers = [CaseFinisher(jobs.cases), CaseFinisher(jobs.cases)]
    _answer(jobs, job, "a", "one", 1)
    for finisher in finishers:
        await finisher.finish(job, "one")
    assert len(await jobs.results.of(job)) == 1
    _answer(jobs, job, "b", "one", 9)
    for finisher in finishers:
        await finisher.finish(job, "one")
    results = [decode_outcome(text) for text in await jobs.results.of(job)]
    assert [outcome.case is not None for outcome in results] == [False, False, True]
    case = results[-1].case
    assert case is not None
    assert (case.images, case.failed, case.final) == (2, 0, True)


async def test_a_job_with_case_results_leaves_nothing_when_it_is_deleted(jobs: Jobs) -> None:
    job = await _job(jobs, ("a", "one"), ("b", "two"), ("c", "two"))
    _answer(jobs, job, "a", "one")
    await jobs.cases.close(job, "one")
    await CaseFinisher(jobs.cases).finish(job, "one")
    await jobs.registry.delete(job)
    assert await jobs.results.left_of(job) == []
