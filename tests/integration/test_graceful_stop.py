"""Stopping a process loses nothing and is soon done."""

import asyncio
from pathlib import Path

import grpc
import pytest

from tests.integration.calls import Stream, classify, grey, reason_of, status_of, stub_of
from tests.integration.micrographs import TOLERANCE, presence
from tests.integration.processes import Gateway, Service, wait_until_serving
from tests.waiting import until

LEVELS = {str(n): 20 + n for n in range(60)}
EXPECTED = {image_id: pytest.approx(presence(n), abs=TOLERANCE) for image_id, n in LEVELS.items()}
IMAGES = [grey(image_id, level) for image_id, level in LEVELS.items()]


async def test_a_stream_of_a_stopping_gateway_goes_on_at_another(lone_service: Service) -> None:
    # Given: accepted images, and no worker yet
    first, second = lone_service.start_gateway(), lone_service.start_gateway()
    async with grpc.aio.insecure_channel(first.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open()
        await stream.send(*IMAGES[:40])
        await stream.until(lambda s: len(s.accepted) == 40)

        # When
        first.signal()
        await stream.ended()
        await asyncio.to_thread(first.wait_for_end)

    # Then
    assert stream.error is not None
    assert stream.error.code() is grpc.StatusCode.UNAVAILABLE
    assert reason_of(status_of(stream.error)) == "SHUTTING_DOWN"

    # When
    lone_service.start_worker()
    async with grpc.aio.insecure_channel(second.address) as channel:
        again = Stream(stub_of(channel))
        await again.open(stream.job, stream.cursor)
        await again.send(*IMAGES[40:])
        await again.finish()

    # Then
    assert again.presences == EXPECTED


def _gateway_without_its_worker(service: Service, **settings: object) -> Gateway:
    """A gateway that takes calls, because it has not yet heard that its worker is gone."""
    gateway = service.start_gateway(**settings)
    worker = service.start_worker()
    wait_until_serving(gateway.address)
    worker.kill()
    return gateway


async def test_a_gateway_answers_the_calls_it_has_before_it_ends(lone_service: Service) -> None:
    # Given: a call that waits
    gateway = await asyncio.to_thread(_gateway_without_its_worker, lone_service)
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        calling = asyncio.create_task(classify(stub_of(channel), IMAGES[0]))
        await until(lambda: lone_service.images)

        # When
        gateway.signal()
        await asyncio.to_thread(gateway.wait_for_event, "gateway_stopping")
        lone_service.start_worker()
        answer = await calling

    # Then
    assert answer.presence.probability == EXPECTED["0"]
    await asyncio.to_thread(gateway.wait_for_end)


async def test_a_second_signal_ends_a_gateway_at_once(lone_service: Service) -> None:
    # Given: a gateway that would wait for its call for an hour
    gateway = await asyncio.to_thread(
        _gateway_without_its_worker, lone_service, DENSA_GATEWAY_STOP_GRACE_SECONDS=3600
    )
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        calling = asyncio.create_task(classify(stub_of(channel), IMAGES[0]))
        await until(lambda: lone_service.images)
        gateway.signal()
        await asyncio.to_thread(gateway.wait_for_event, "gateway_stopping")

        # When
        gateway.signal()
        gateway.expected_to_run = False
        code = await asyncio.to_thread(gateway.popen.wait, 20)

        # Then
        assert code == 1
        with pytest.raises(grpc.aio.AioRpcError):
            await calling


async def test_a_worker_finishes_what_it_has_in_hand(lone_service: Service) -> None:
    # Given: more than it can hold in hand
    gateway = lone_service.start_gateway(DENSA_GATEWAY_BATCH_SIZE=2)
    worker = lone_service.start_worker(DENSA_WORKER_CONCURRENCY=2)
    wait_until_serving(gateway.address)
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open()
        await stream.send(*IMAGES)
        await stream.until(lambda s: s.results)

        # When
        await asyncio.to_thread(worker.stop)

        # Then: another finishes the rest, and each image has one result
        lone_service.start_worker()
        await stream.finish()
    assert stream.presences == EXPECTED
    with lone_service.redis.client() as client:
        await until(lambda: client.hlen("unacked") == 0)


@pytest.mark.parametrize(
    ("name", "settings", "event", "reason"),
    [
        (
            "worker",
            {"DENSA_INFERENCE_BUNDLE": "/nowhere"},
            "worker_cannot_start",
            "BUNDLE_NOT_FOUND",
        ),
        ("worker", {"DENSA_STORE_PATH": "/dev/null"}, "worker_cannot_start", "STORE_UNAVAILABLE"),
        (
            "gateway",
            {"DENSA_STORE_PATH": "/dev/null"},
            "gateway_cannot_start",
            "STORE_UNAVAILABLE",
        ),
        (
            "gateway",
            {"DENSA_GATEWAY_HOST": "203.0.113.1"},
            "gateway_cannot_start",
            "ADDRESS_IN_USE",
        ),
    ],
    ids=["no bundle", "worker without store", "gateway without store", "address of another"],
)
def test_a_process_that_cannot_start_says_why_in_one_line(
    lone_service: Service, name: str, settings: dict[str, object], event: str, reason: str
) -> None:
    # When
    process = lone_service.start_process(name, **settings)
    process.expected_to_run = False
    code = process.popen.wait(60)

    # Then
    assert code == 1
    (said,) = process.events(event)
    assert said["reason"] == reason
    assert said["error"]
    assert "Traceback" not in process.log.read_text()


def test_a_port_that_is_taken_is_an_error_and_not_a_coin_toss(service: Service) -> None:
    # Given
    with service.gateway() as gateway:
        port = gateway.address.rpartition(":")[2]

        # When
        other = service.start_process("gateway", DENSA_GATEWAY_PORT=port)
        other.expected_to_run = False
        code = other.popen.wait(60)

    # Then
    assert code == 1
    (said,) = other.events("gateway_cannot_start")
    assert said["reason"] == "ADDRESS_IN_USE"
    assert port in said["error"]


def test_what_processes_log_is_json_lines_and_nothing_else(lone_service: Service) -> None:
    # Given
    gateway, worker = lone_service.start_gateway(), lone_service.start_worker()
    wait_until_serving(gateway.address)

    # When
    lone_service.stop()

    # Then
    for log in (gateway.log, worker.log):
        assert _other_lines(log) == []


def _other_lines(log: Path) -> list[str]:
    # Celery writes what a signal makes it do past every logger.
    ours = (line for line in log.read_text().splitlines() if not line.startswith("worker: "))
    return [line for line in ours if line and not line.startswith("{")]
