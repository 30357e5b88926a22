"""Cases over the real service: closed, answered once, told again from anywhere."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from densa.v1 import case_pb2, classification_pb2
from densa.v1 import classification_service_pb2 as pb
from densa.v1 import job_service_pb2 as jobs_pb

from services.client import AsyncDensaClient, CaseResult, Image
from tests.integration.calls import Stream, grey, reason_of, stub_of
from tests.integration.job_calls import get, job_stub_of, reason, watched
from tests.integration.micrographs import PIXEL_SIZE_NM, TOLERANCE, micrograph, presence
from tests.integration.processes import Gateway, Service, wait_until_serving


@pytest.fixture
def jobs(channel: grpc.aio.Channel) -> Any:
    """The job service of the usual gateway."""
    return job_stub_of(channel)


async def _close(stream: Stream, case_id: str = "") -> None:
    closing = (
        pb.ClassifyMicrographsRequest(close_case=pb.CloseCase(case_id=case_id))
        if case_id
        else pb.ClassifyMicrographsRequest(close_job=pb.CloseJob())
    )
    await stream.call.write(closing)


def _cases(stream: Stream) -> list[case_pb2.CaseResult]:
    return [
        one.case_result for one in stream.responses if one.WhichOneof("response") == "case_result"
    ]


async def _opened(stub: Any, *images: Any, **fields: Any) -> Stream:
    stream = Stream(stub)
    opening = pb.OpenJob(**fields)
    await stream.call.write(pb.ClassifyMicrographsRequest(open_job=opening))
    await stream.send(*images)
    return stream


async def test_a_closed_job_tells_one_result_per_case_with_the_images_behind_it(stub: Any) -> None:
    # When
    stream = await _opened(
        stub,
        grey("a", 40, case_id="one"),
        grey("b", 220, case_id="one"),
        grey("c", 180, case_id="one"),
        grey("d", 30, case_id="two"),
        grey("e", 90),
    )
    await _close(stream)
    await stream.finish()

    # Then
    cases = {case.case_id: case for case in _cases(stream)}
    assert sorted(cases) == ["one", "two"]
    assert len(_cases(stream)) == 2
    one, two = cases["one"], cases["two"]
    assert (one.final, one.images, one.failed) == (True, 3, 0)
    assert one.presence.probability == pytest.approx(presence(220), abs=TOLERANCE)
    assert one.presence.call == classification_pb2.CALL_POSITIVE
    assert [image.image_id for image in one.presence.supporting_images] == ["b", "c"]
    assert len(one.locations) == 4
    assert two.presence.call == classification_pb2.CALL_NEGATIVE
    assert [image.image_id for image in two.presence.supporting_images] == ["d"]
    assert one.models[0].name == two.models[0].name
    assert "Research Use Only" in one.notice
    assert len(stream.results) == 5


async def test_a_case_is_answered_while_its_job_goes_on_and_takes_no_late_image(
    stub: Any, jobs: Any
) -> None:
    # Given
    stream = await _opened(stub, grey("a", 200, case_id="one"), grey("b", 50, case_id="two"))
    await _close(stream, "one")
    await stream.until(_cases)

    # When
    await stream.send(
        grey("late", 100, case_id="one"),
        grey("a", 200, case_id="one"),
        grey("c", 60, case_id="two"),
    )
    await stream.until(lambda one: "c" in one.accepted)
    await _close(stream, "three")
    await stream.finish()

    # Then
    assert [case.case_id for case in _cases(stream)] == ["one"]
    assert reason_of(stream.rejected["late"]) == "CASE_CLOSED"
    assert stream.accepted == ["a", "b", "a", "c"]
    closed = [one.closed for one in stream.responses if one.WhichOneof("response") == "closed"]
    assert [(one.case_id, one.case_results) for one in closed] == [("one", 1), ("three", 0)]
    assert reason_of(closed[1].error) == "CASE_NOT_FOUND"
    job = await get(jobs, stream.job)
    assert (job.accepted, job.finished, job.cases_closed, job.case_results) == (3, 3, 1, 1)


async def test_every_cursor_goes_on_to_the_same_results_and_cases(stub: Any, jobs: Any) -> None:
    # Given
    images = [grey(f"{n}", 20 + 10 * n, case_id=f"case {n % 3}") for n in range(9)]
    stream = await _opened(stub, *images)
    await _close(stream)
    await stream.finish()
    told = [one for one in stream.responses if one.cursor][1:]
    assert len(told) == 12

    # When
    whole = await watched(jobs, stream.job)

    # Then
    assert [one.cursor for one in whole] == [one.cursor for one in told]
    for number, response in enumerate(told):
        again = await watched(jobs, stream.job, response.cursor)
        assert again == whole[number + 1 :]
    resumed = await _opened(stub, job=stream.job, cursor=told[4].cursor)
    await resumed.finish()
    assert [one for one in resumed.responses[1:] if one.cursor] == told[5:]


async def test_a_case_that_its_client_closed_and_left_is_answered_to_who_watches_later(
    lone_service: Service,
) -> None:
    # Given: closed before any worker is there, and its gateway killed
    gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        await channel.channel_ready()
        stream = await _opened(
            stub_of(channel), *(grey(f"{n}", 50 + n, case_id="one") for n in range(5))
        )
        await stream.until(lambda one: len(one.accepted) == 5)
        await _close(stream)
        await stream.until(lambda one: one.responses[-1].WhichOneof("response") == "closed")
        job = stream.job
        gateway.kill()
        await stream.leave()

    # When
    lone_service.start_worker()
    other = lone_service.start_gateway()
    wait_until_serving(other.address)
    async with grpc.aio.insecure_channel(other.address) as channel:
        stub = job_stub_of(channel)
        told = await watched(stub, job)
        late = stub_of(channel).ClassifyMicrographs()
        await late.write(pb.ClassifyMicrographsRequest(open_job=pb.OpenJob(job=job)))
        await late.write(pb.ClassifyMicrographsRequest(micrograph=grey("late", 9)))
        answers = [await late.read() for _ in range(8)]
        state = (await get(stub, job)).state
        late.cancel()

    # Then
    cases = [one.case_result for one in told if one.HasField("case_result")]
    assert [(case.case_id, case.images, case.final) for case in cases] == [("one", 5, True)]
    (rejected,) = (one.rejected for one in answers if one.WhichOneof("response") == "rejected")
    assert reason_of(rejected.error) == "JOB_CLOSED"
    assert state == jobs_pb.JOB_STATE_CLOSED


async def test_what_is_known_so_far_is_told_where_it_is_asked_for(stub: Any, jobs: Any) -> None:
    # Given
    stream = await _opened(
        stub,
        grey("a", 40, case_id="one"),
        grey("b", 220, case_id="one"),
        provisional_cases=True,
    )
    await stream.until(lambda one: len(_cases(one)) == 2)
    middle = stream.cursor

    # When: gone on with elsewhere, after what came before was seen
    await stream.finish()
    resumed = await _opened(
        stub, grey("c", 180, case_id="one"), job=stream.job, cursor=middle, provisional_cases=True
    )
    await resumed.until(_cases)
    await jobs.CloseJob(jobs_pb.CloseJobRequest(job=stream.job, case_id="one"))
    await resumed.finish()

    # Then
    assert [(case.images, case.final) for case in _cases(stream)] == [(1, False), (2, False)]
    assert [(case.images, case.final) for case in _cases(resumed)] == [(3, False), (3, True)]
    so_far, final = _cases(resumed)
    so_far.final = True
    assert so_far == final


async def test_closing_what_is_not_there_is_refused(stub: Any, jobs: Any) -> None:
    stream = await _opened(stub)
    await stream.finish()
    nothing = jobs_pb.CloseJobRequest(job=stream.job, case_id="none")
    assert await reason(jobs.CloseJob(nothing)) == "CASE_NOT_FOUND"
    assert await reason(jobs.CloseJob(jobs_pb.CloseJobRequest(job="f" * 32))) == "JOB_NOT_FOUND"


async def test_the_sdk_collects_images_and_cases(gateway: Gateway) -> None:
    images = [
        Image(micrograph(level), f"{level}", case_id=f"{level % 2}", pixel_size_nm=PIXEL_SIZE_NM)
        for level in range(20, 32)
    ]
    async with AsyncDensaClient(gateway.address) as densa:
        found = [one async for one in densa.classify_cases(images)]
        cases = [one for one in found if isinstance(one, CaseResult)]
        (job,) = [one async for one in _first(densa)]
        again = [one async for one, _ in densa.jobs.watch(job)]
    assert len(found) == 14
    assert {case.case_id: case.images for case in cases} == {"0": 6, "1": 6}
    assert [one for one in again if isinstance(one, CaseResult)] == cases


async def _first(densa: AsyncDensaClient) -> AsyncIterator[str]:
    async for job in densa.jobs.list():
        yield job.name
        return
