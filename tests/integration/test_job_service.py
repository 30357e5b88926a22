"""Jobs over the real service: looked at, listed, watched from anywhere, cancelled, deleted."""

import asyncio
from typing import Any

import grpc
import pytest
from densa.v1 import job_service_pb2 as pb
from densa.v1 import lane_pb2

from tests.integration.calls import Stream, classify, grey, reason_of, stub_of
from tests.integration.job_calls import cancel, get, job_stub_of, reason, watched
from tests.integration.micrographs import TOLERANCE, presence
from tests.integration.processes import Gateway, Service
from tests.waiting import until

NOBODY = "f" * 32


@pytest.fixture
def jobs(channel: grpc.aio.Channel) -> Any:
    """The job service of the usual gateway."""
    return job_stub_of(channel)


async def _sent(stub: Any, count: int) -> Stream:
    stream = Stream(stub)
    await stream.open()
    await stream.send(*(grey(f"{n}", 20 + n) for n in range(count)))
    return stream


async def test_a_job_says_how_far_it_is(stub: Any, jobs: Any) -> None:
    # Given
    stream = await _sent(stub, 5)
    await stream.finish()

    # When
    job = await get(jobs, stream.job)

    # Then
    assert (job.accepted, job.finished) == (5, 5)
    assert (job.state, job.lane) == (pb.JOB_STATE_OPEN, lane_pb2.LANE_ROUTINE)
    assert 0 < job.expire_time.seconds - job.create_time.seconds <= 7 * 24 * 3600 + 60


async def test_the_newest_jobs_are_listed_first_page_by_page_each_once(
    stub: Any, jobs: Any
) -> None:
    # Given
    names = []
    for _ in range(7):
        stream = Stream(stub)
        await stream.open()
        await stream.finish()
        names.append(stream.job)

    # When
    listed: list[str] = []
    token = ""
    while len(listed) < 7:
        page = await jobs.ListJobs(pb.ListJobsRequest(page_size=3, page_token=token))
        listed += [job.job for job in page.jobs]
        token = page.next_page_token

    # Then
    assert listed[:7] == names[::-1]


async def test_a_unary_call_is_no_job_that_is_listed(stub: Any, jobs: Any) -> None:
    # Given
    before = (await jobs.ListJobs(pb.ListJobsRequest(page_size=1000))).jobs

    # When
    await classify(stub, grey("a", 50))

    # Then
    assert (await jobs.ListJobs(pb.ListJobsRequest(page_size=1000))).jobs == before


async def test_a_watch_from_any_cursor_and_any_gateway_tells_every_result_once_in_order(
    stub: Any, service: Service
) -> None:
    # Given
    stream = await _sent(stub, 40)
    with service.gateway() as other:
        async with grpc.aio.insecure_channel(other.address) as channel:
            # When: it begins while the job runs
            everything = await watched(job_stub_of(channel), stream.job)
            await stream.finish()
            rest = await watched(job_stub_of(channel), stream.job, everything[24].cursor)

    # Then
    told = [one.result.image_id for one in everything]
    assert told == [one.image_id for one in stream.results][: len(told)]
    assert [one.result.image_id for one in rest] == [one.image_id for one in stream.results][25:]


async def test_what_is_sent_into_a_job_while_it_is_watched_is_told_as_well(
    lone_service: Service,
) -> None:
    # Given
    gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = await _sent(stub_of(channel), 3)
        await stream.until(lambda s: len(s.accepted) == 3)
        watching = asyncio.create_task(watched(job_stub_of(channel), stream.job))

        # When
        await stream.send(grey("more", 90))
        await stream.until(lambda s: len(s.accepted) == 4)
        lone_service.start_worker()
        await stream.finish()

        # Then
        assert {one.result.image_id for one in await watching} == {"0", "1", "2", "more"}


async def test_a_cancelled_job_tells_each_image_so_and_the_model_sees_none_of_them(
    lone_service: Service,
) -> None:
    # Given: more than is looked at in one step, and no worker
    gateway = lone_service.start_gateway(DENSA_GATEWAY_STREAM_WINDOW=2000)
    count = 1200
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = await _sent_many(stub_of(channel), count)
        jobs = job_stub_of(channel)

        # When
        job = await cancel(jobs, stream.job)
        await stream.finish()

        # Then
        assert (job.state, job.accepted, job.finished) == (pb.JOB_STATE_CANCELLED, count, count)
        assert len(stream.results) == count
        assert {reason_of(one.error) for one in stream.results} == {"CANCELLED"}
        assert "had waited" in stream.results[0].error.message

        # When: again, and into it
        again = await cancel(jobs, stream.job)
        late = Stream(stub_of(channel))
        await late.open(stream.job, stream.cursor)
        await late.send(grey("late", 50))
        await late.ended()

        # Then
        assert (again.accepted, again.finished) == (count, count)
        assert late.error is not None
        assert late.error.code() is grpc.StatusCode.FAILED_PRECONDITION

        # When
        worker = lone_service.start_worker()
        fresh = await _sent(stub_of(channel), 3)
        await fresh.finish()

    # Then
    assert len(fresh.presences) == 3
    with lone_service.redis.client() as client:
        assert client.hgetall("densa:load") == {}
    assert worker.expected_to_run


async def _sent_many(stub: Any, count: int) -> Stream:
    stream = Stream(stub)
    await stream.open()
    await stream.send(*(grey(f"{n}", 20 + n % 200) for n in range(count)))
    await stream.until(lambda s: len(s.accepted) == count)
    return stream


async def test_a_deleted_job_is_gone_for_everybody_who_watches_or_asks(
    lone_service: Service,
) -> None:
    # Given
    gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        jobs = job_stub_of(channel)
        stream = await _sent(stub_of(channel), 3)
        await stream.until(lambda s: len(s.accepted) == 3)
        watching = asyncio.create_task(reason(watched(jobs, stream.job)))
        await asyncio.sleep(0.1)

        # When
        await jobs.DeleteJob(pb.DeleteJobRequest(job=stream.job))

        # Then
        assert await watching == "JOB_NOT_FOUND"
        assert await reason(get(jobs, stream.job)) == "JOB_NOT_FOUND"
        assert await reason(cancel(jobs, stream.job)) == "JOB_NOT_FOUND"
        await stream.leave()
        with lone_service.redis.client() as client:
            assert client.keys("densa:job:*") == []
            assert client.hgetall("densa:load") == {}


@pytest.mark.parametrize("job", [NOBODY, "", "x", "../../etc/passwd"])
async def test_a_job_that_never_was_is_not_found_whatever_is_asked(jobs: Any, job: str) -> None:
    assert await reason(get(jobs, job)) == "JOB_NOT_FOUND"
    assert await reason(cancel(jobs, job)) == "JOB_NOT_FOUND"
    assert await reason(jobs.DeleteJob(pb.DeleteJobRequest(job=job))) == "JOB_NOT_FOUND"
    assert await reason(watched(jobs, job)) == "JOB_NOT_FOUND"


async def test_what_no_response_gave_is_refused(stub: Any, jobs: Any) -> None:
    # Given
    stream = await _sent(stub, 1)
    await stream.finish()

    # Then
    assert await reason(watched(jobs, stream.job, "x")) == "INVALID_CURSOR"
    assert await reason(watched(jobs, stream.job, "2")) == "INVALID_CURSOR"
    assert await reason(jobs.ListJobs(pb.ListJobsRequest(page_token="x"))) == "INVALID_PAGE_TOKEN"
    assert await reason(jobs.ListJobs(pb.ListJobsRequest(page_size=-1))) == "INVALID_PAGE_SIZE"


async def test_a_watch_ends_when_its_gateway_stops(service: Service) -> None:
    # Given: a job of which a result is due that nobody makes
    gateway: Gateway
    with service.gateway() as gateway:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            stream = await _sent(stub_of(channel), 1)
            await stream.finish()
            with service.redis.client() as client:
                client.hincrby(f"densa:job:{stream.job}", "accepted", 1)
            watching = asyncio.create_task(reason(watched(job_stub_of(channel), stream.job)))
            await until(lambda: service.redis.client().pubsub_channels("densa:job:*"))

            # When
            gateway.stop()

            # Then
            assert await watching == "SHUTTING_DOWN"


async def test_answers_of_a_watch_are_those_of_the_stream(stub: Any, jobs: Any) -> None:
    # Given
    stream = await _sent(stub, 3)
    await stream.finish()

    # Then
    for one in await watched(jobs, stream.job):
        number = int(one.result.image_id)
        answer = one.result.classification.presence.probability
        assert answer == pytest.approx(presence(20 + number), abs=TOLERANCE)
