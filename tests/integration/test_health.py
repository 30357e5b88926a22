"""Readiness is true: SERVING is a worker with a checked model that consumes."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common.worker_report import REPORT_LIFETIME_SECONDS
from tests.integration.processes import Service
from tests.waiting import until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

NAMES = ["", "densa.v1.ClassificationService", "densa.v1.ModelService"]


async def _check(channel: grpc.aio.Channel, name: str = "") -> int:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    response = await stub.Check(health_pb2.HealthCheckRequest(service=name))
    return int(response.status)


class Watcher:
    """A client that watches the health of a gateway."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.seen: list[int] = []
        self._task = asyncio.create_task(self._watch(channel))

    async def now(self, status: int) -> None:
        """Waits until the last thing it heard is this."""
        await until(lambda: self.seen and self.seen[-1] == status)

    async def stop(self) -> None:
        """Ends watching."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self, channel: grpc.aio.Channel) -> None:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        async for response in stub.Watch(health_pb2.HealthCheckRequest()):
            self.seen.append(response.status)


@pytest.mark.parametrize("name", NAMES)
async def test_a_gateway_with_a_worker_serves_under_every_name(
    channel: grpc.aio.Channel, name: str
) -> None:
    assert await _check(channel, name) == SERVING


async def test_a_service_that_is_not_there_is_not_found(channel: grpc.aio.Channel) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _check(channel, "densa.v1.Nothing")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_health_follows_the_worker(lone_service: Service) -> None:
    # Given: a gateway alone
    gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        watcher = Watcher(channel)
        await watcher.now(NOT_SERVING)
        assert [await _check(channel, name) for name in NAMES] == [NOT_SERVING] * 3

        # When: a worker comes
        worker = lone_service.start_worker()
        await watcher.now(SERVING)

        # Then
        assert [await _check(channel, name) for name in NAMES] == [SERVING] * 3

        # When: it stops and says so
        worker.stop()
        stopped = asyncio.get_running_loop().time()
        await watcher.now(NOT_SERVING)
        told = asyncio.get_running_loop().time() - stopped

        # Then: sooner than silence could tell
        assert told < REPORT_LIFETIME_SECONDS
        await watcher.stop()


async def test_health_tells_of_a_worker_that_was_killed(lone_service: Service) -> None:
    # Given
    worker = lone_service.start_worker()
    with lone_service.gateway() as gateway:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            watcher = Watcher(channel)
            await watcher.now(SERVING)

            # When: nobody says goodbye
            worker.kill()

            # Then: its silence does
            await watcher.now(NOT_SERVING)
            await watcher.stop()


async def test_a_gateway_that_stops_does_not_wait_for_those_who_watch_its_health(
    service: Service,
) -> None:
    # Given
    with service.gateway(DENSA_GATEWAY_STOP_GRACE_SECONDS=3600) as gateway:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            watcher = Watcher(channel)
            await watcher.now(SERVING)

            # When
            gateway.signal()

            # Then: it is told, and the gateway ends
            await watcher.now(NOT_SERVING)
            await asyncio.to_thread(gateway.wait_for_end)
            await watcher.stop()
