"""Work that comes too late is not done, and work for which there is no room is not taken."""

import asyncio
import time
from typing import Any

import grpc
import pytest
from densa.v1 import classification_service_pb2 as pb
from densa.v1 import lane_pb2
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2

from services.common import keys
from tests.integration.calls import Stream, classify, grey, reason_of, refusal, status_of, stub_of
from tests.integration.micrographs import TOLERANCE, presence
from tests.integration.processes import Process, Service, wait_until_serving
from tests.waiting import until

READY_SECONDS = 5.0


def _report_without_worker(service: Service) -> None:
    """As if a worker were ready, so that calls wait instead of being refused."""
    with service.redis.client() as client:
        (name, text), *_ = client.hgetall(keys.WORKERS).items()
        client.hset(keys.WORKERS, name, text.replace(b'"seen_at":1', b'"seen_at":9'))


@pytest.fixture
def stalled(lone_service: Service) -> tuple[Service, Process, str]:
    """A service whose one worker stands still while readiness still counts on it."""
    gateway = lone_service.start_gateway(
        DENSA_GATEWAY_MAX_QUEUED_IMAGES=40, DENSA_GATEWAY_STREAM_WINDOW=1000
    )
    worker = lone_service.start_worker()
    wait_until_serving(gateway.address)
    worker.kill()
    _report_without_worker(lone_service)
    return lone_service, worker, gateway.address


async def test_an_image_that_waits_longer_than_it_may_is_told_how_long_it_waited(
    stalled: tuple[Service, Process, str],
) -> None:
    # Given
    service, _, address = stalled
    async with grpc.aio.insecure_channel(address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open()
        await stream.send(grey("late", 50, max_wait=Duration(nanos=200_000_000)), grey("ok", 60))
        await stream.until(lambda s: len(s.accepted) == 2)
        await asyncio.sleep(0.3)

        # When
        service.start_worker()
        await stream.finish()

    # Then
    results = {one.image_id: one for one in stream.results}
    assert reason_of(results["late"].error) == "DEADLINE_EXCEEDED"
    assert "waited" in results["late"].error.message
    assert results["ok"].classification.presence.probability == pytest.approx(
        presence(60), abs=TOLERANCE
    )


@pytest.mark.parametrize("end", ["deadline", "hang-up"])
async def test_a_call_that_ended_is_not_run_and_leaves_nothing(
    stalled: tuple[Service, Process, str], end: str
) -> None:
    # Given
    service, _, address = stalled
    async with grpc.aio.insecure_channel(address) as channel:
        stub = stub_of(channel)
        calling = asyncio.create_task(
            classify(stub, grey("a", 50), timeout=0.5 if end == "deadline" else 60)
        )
        await until(lambda: service.images)

        # When
        if end == "hang-up":
            calling.cancel()
        await asyncio.wait({calling})
        await until(lambda: not service.images)

        # Then
        with service.redis.client() as client:
            await until(lambda: client.keys("densa:job:*") == [])
            assert client.hgetall(keys.LOAD) == {}


async def _fill(stub: Any, count: int) -> list[Stream]:
    """Streams of two submitters that fill the queue."""
    streams = []
    for name in ("one", "two"):
        stream = Stream(stub, metadata=(("densa-client", name),))
        await stream.open(lane=lane_pb2.LANE_STAT)
        await stream.send(*(grey(f"{n}", 20 + n) for n in range(count)))
        streams.append(stream)
    return streams


async def test_over_the_limit_calls_are_refused_at_once_and_streams_wait(
    stalled: tuple[Service, Process, str],
) -> None:
    # Given: room for 40, half of it for each submitter
    service, _, address = stalled
    async with grpc.aio.insecure_channel(address) as channel:
        stub = stub_of(channel)
        streams = await _fill(stub, 30)
        for stream in streams:
            await stream.until(lambda s: len(s.accepted) == 20)
        with service.redis.client() as client:
            await until(lambda: client.hget(keys.LOAD, "images") == b"40")
        await asyncio.sleep(1.0)

        # When
        began = time.perf_counter()
        error = await refusal(stub, grey("more", 50))
        seconds = time.perf_counter() - began

        # Then: said how full it is and when to come back; nothing is kept, nothing else accepted
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(status_of(error)) == "QUEUE_FULL"
        retry = error_details_pb2.RetryInfo()
        assert any(detail.Unpack(retry) for detail in status_of(error).details)
        assert retry.retry_delay.ToTimedelta().total_seconds() > 0
        print(f"refused in {1000 * seconds:.1f} ms")
        assert [len(stream.accepted) for stream in streams] == [20, 20]
        assert len(service.images) == 40

        # When
        service.start_worker()
        await asyncio.gather(*(stream.finish() for stream in streams))

    # Then
    assert [len(stream.presences) for stream in streams] == [30, 30]


async def test_an_urgent_call_overtakes_a_back_fill(
    stalled: tuple[Service, Process, str],
) -> None:
    # Given: what waits, all of one submitter
    service, _, address = stalled
    async with grpc.aio.insecure_channel(address) as channel:
        stub = stub_of(channel)
        back_fill = Stream(stub)
        await back_fill.open(lane=lane_pb2.LANE_BULK)
        await back_fill.send(*(grey(f"{n}", 20 + n) for n in range(16)))
        await back_fill.until(lambda s: len(s.accepted) == 16)
        request = pb.ClassifyMicrographRequest(
            micrograph=grey("urgent", 50), lane=lane_pb2.LANE_STAT
        )
        urgent = asyncio.create_task(_answer(stub, request))
        await until(lambda: len(service.images) == 17)

        # When: one image at a time
        service.start_worker(DENSA_WORKER_BATCH_SIZE=1, DENSA_WORKER_CONCURRENCY=1)
        await urgent
        done = len(back_fill.results)
        await back_fill.finish()

    # Then: what was begun before it, or in its lane's turn
    assert done <= 4
    assert len(back_fill.presences) == 16


async def _answer(stub: Any, request: pb.ClassifyMicrographRequest) -> Any:
    return await stub.ClassifyMicrograph(request, timeout=60)
