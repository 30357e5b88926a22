"""Three times as much as the service can do, a full disk, a full Redis: refused cleanly, never
half accepted, and over when there is room again.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
import redis
from google.rpc import error_details_pb2

from services.common import keys
from tests.integration.calls import Stream, classify, grey, reason_of, status_of, stub_of
from tests.integration.micrographs import TOLERANCE, micrograph, presence
from tests.integration.processes import Service, running_service, wait_until_serving
from tests.volumes import mounted
from tests.waiting import until

CAP = 40
"""Images that may wait: ROUTINE 36 of them, one submitter 20."""

GREEDY_CALLERS = 60
"""Three times what one submitter may have waiting, so that two of three are refused."""

CALLS = 10
"""Of each greedy caller."""

PATIENT_CALLS = 20
STREAMED = 80
MIB = 1024 * 1024
MOST_GROWTH = 96 * MIB
"""Of any process: far above what its work takes, far below what all that is refused would."""


@dataclass
class Crowd:
    """Callers that do not wait to be let in."""

    answered: int = 0
    codes: set[grpc.StatusCode] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)
    delays: list[float] = field(default_factory=list)

    async def call(self, stub: Any, client: str, times: int) -> None:
        """Again and again; what is refused is not tried again."""
        for n in range(times):
            try:
                request = grey(f"{n}", 20 + n)
                answer = await classify(stub, request, metadata=(("densa-client", client),))
            except grpc.aio.AioRpcError as error:
                self.codes.add(error.code())
                self.reasons.add(reason_of(status_of(error)))
                self.delays.append(retry_after(error))
            else:
                self.answered += 1
                assert answer.presence.probability == pytest.approx(presence(20 + n), abs=TOLERANCE)


def retry_after(error: grpc.aio.AioRpcError) -> float:
    """Seconds of RetryInfo."""
    retry = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(retry) for detail in status_of(error).details), error
    return float(retry.retry_delay.ToTimedelta().total_seconds())


def memory(service: Service) -> dict[str, int]:
    """Resident bytes of each process that runs."""
    running = [one for one in service.processes if one.popen.poll() is None]
    return {one.log.name: psutil.Process(one.popen.pid).memory_info().rss for one in running}


async def test_three_times_the_capacity_is_refused_or_waits_and_nobody_starves(
    lone_service: Service,
) -> None:
    # Given: a worker that does fifty images a second
    service = lone_service
    gateway = service.start_gateway(DENSA_GATEWAY_MAX_QUEUED_IMAGES=CAP)
    service.start_process(
        "worker",
        module="tests.integration.slow_worker",
        DENSA_WORKER_CONCURRENCY=1,
        DENSA_WORKER_BATCH_SIZE=4,
    )
    wait_until_serving(gateway.address)
    before, most = memory(service), 0
    greedy, patient = Crowd(), Crowd()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stub = stub_of(channel)
        stream = Stream(stub, metadata=(("densa-client", "stream"),))
        await stream.open()

        async def watch(client: redis.Redis) -> None:
            nonlocal most
            while True:
                most = max(most, int(client.hget(keys.LOAD, "images") or 0))
                await asyncio.sleep(0.005)

        # When
        with service.redis.client() as client:
            watching = asyncio.create_task(watch(client))
            async with asyncio.TaskGroup() as tasks:
                for _ in range(GREEDY_CALLERS):
                    tasks.create_task(greedy.call(stub, "greedy", CALLS))
                tasks.create_task(patient.call(stub, "patient", PATIENT_CALLS))
                tasks.create_task(stream.send(*(grey(f"{n}", 20 + n) for n in range(STREAMED))))
            await stream.finish()
            watching.cancel()

    # Then: who asks for too much is told so, and when to come back
    assert greedy.answered + len(greedy.delays) == GREEDY_CALLERS * CALLS
    assert greedy.answered > 0
    assert greedy.codes == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert greedy.reasons <= {"SUBMITTER_FULL", "QUEUE_FULL"}
    assert len(greedy.delays) > GREEDY_CALLERS * CALLS / 4
    assert all(0 < delay <= 300 for delay in greedy.delays)
    # A stream waits and is refused nothing.
    assert stream.presences == {
        f"{n}": pytest.approx(presence(20 + n), abs=TOLERANCE) for n in range(STREAMED)
    }
    # Another caller is answered all the while: its share of the turns is not used up by others.
    assert patient.answered >= PATIENT_CALLS * 0.9
    assert most <= CAP
    after = memory(service)
    assert all(after[name] - before[name] < MOST_GROWTH for name in before), (before, after)


async def _send_until_refused(stub: Any, job: str = "", first: int = 0) -> Stream:
    """A stream that sends 100 large images, and ends where one is not taken."""
    stream = Stream(stub)
    await stream.open(job=job)
    for n in range(first, first + 100):
        await stream.send(_heavy(n))
        # One after the other: a write that meets the end of a call hides how it ended.
        await until(lambda n=n: len(stream.accepted) > n - first or stream.error)  # type: ignore[misc]
        if stream.error is not None:
            break
    await stream.ended()
    return stream


def _heavy(number: int) -> Any:
    """An image of 100 KB; what follows the end of a PNG is not read."""
    image = grey(f"{number}", 20 + number % 200)
    image.image = micrograph(20 + number % 200) + bytes(100_000)
    return image


async def _finish(stub: Any, refused: Stream, count: int) -> None:
    """Sends the job once more, and each image has its answer."""
    again = Stream(stub)
    await again.open(job=refused.job)
    await again.send(*(_heavy(n) for n in range(count)))
    await again.finish()
    assert again.presences == {
        f"{n}": pytest.approx(presence(20 + n % 200), abs=TOLERANCE) for n in range(count)
    }


async def test_a_full_disk_is_refused_before_accepted_and_room_helps(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    with running_service(tmp_path, tiny_bundle) as service, mounted(service.store, "4m") as store:
        # Given: room for about forty images, and nobody who makes more
        gateway = service.start_gateway()
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            stub = stub_of(channel)

            # When
            refused = await _send_until_refused(stub)

            # Then
            assert refused.error is not None
            assert refused.error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert reason_of(status_of(refused.error)) == "STORE_FULL"
            assert retry_after(refused.error) > 0
            accepted = len(refused.accepted)
            assert 30 < accepted < 42
            # What was not accepted has left nothing, and what was is there.
            assert len([path for path in store.rglob("*") if path.is_file()]) == accepted
            with service.redis.client() as client:
                assert client.hget(keys.LOAD, "images") == str(accepted).encode()

            # When
            service.start_worker()
            await until(lambda: not service.images)

            # Then
            await _finish(stub, refused, accepted + 5)
        service.stop()


async def test_a_redis_at_its_memory_limit_is_refused_before_accepted_and_room_helps(
    lone_service: Service,
) -> None:
    service = lone_service
    gateway = service.start_gateway()
    with service.redis.client() as client:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            stub = stub_of(channel)
            first = Stream(stub)
            await first.open()
            await first.send(*(_heavy(n) for n in range(20)))
            await first.until(lambda s: len(s.accepted) == 20)
            await first.leave()

            # When
            client.config_set("maxmemory", 1)
            refused = await _send_until_refused(stub, first.job, first=20)

            # Then
            assert refused.error is not None
            assert refused.error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert reason_of(status_of(refused.error)) == "QUEUE_MEMORY_FULL"
            assert retry_after(refused.error) > 0
            assert refused.accepted == []
            assert client.hget(keys.LOAD, "images") == b"20"
            await until(lambda: len(service.images) == 20)

            # When: there is room again, but no more than what is there already takes
            service.start_worker()
            used = int(client.info("memory")["used_memory"])
            client.config_set("maxmemory", used + 4 * MIB)
            wait_until_serving(gateway.address)

            # Then
            await _finish(stub, first, 30)
            client.config_set("maxmemory", 0)
