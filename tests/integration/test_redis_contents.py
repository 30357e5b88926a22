"""What stands in Redis: ids and answers, never pixels; and few connections."""

import asyncio
from typing import Any

import grpc
import pytest
import redis
from densa.v1.micrograph_pb2 import Micrograph

from services.common import keys
from tests.images import draw_texture, png_bytes
from tests.integration.calls import Stream, grey, stub_of
from tests.integration.micrographs import TOLERANCE, presence
from tests.integration.processes import Gateway, Service, wait_until_serving
from tests.waiting import until

LARGEST_VALUE = 4096
"""Bytes of an answer, a record or a task, generously. A micrograph here has more."""


def _values(client: Any, name: bytes) -> list[bytes]:
    """Everything that stands under a key."""
    match client.type(name):
        case b"hash":
            return [part for pair in client.hgetall(name).items() for part in pair]
        case b"list" | b"none":  # none: gone since it was listed, the worker goes on meanwhile
            return list(client.lrange(name, 0, -1))
        case b"stream":
            return [value for _, fields in client.xrange(name) for value in fields.values()]
        case b"set":
            return list(client.smembers(name))
        case b"zset":
            return list(client.zrange(name, 0, -1))
        case b"string":
            return [client.get(name)]
    raise AssertionError(name)


def _sizes(client: redis.Redis) -> dict[Any, int]:
    """The size of the largest value under each key of Redis."""
    return {
        name: max(map(len, _values(client, name)), default=0)
        for name in client.scan_iter(count=1000)
    }


@pytest.mark.parametrize("worked", [False, True], ids=["while it waits", "when it is done"])
async def test_no_pixels_stand_in_redis(lone_service: Service, worked: bool) -> None:
    # Given
    gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open()
        images = [
            Micrograph(image_id=f"{n}", image=png_bytes(draw_texture(seed=n))) for n in range(20)
        ]
        assert min(len(image.image) for image in images) > 4 * LARGEST_VALUE

        # When
        await stream.send(*images)
        await stream.until(lambda s: len(s.accepted) == len(images))
        if worked:
            lone_service.start_worker(DENSA_WORKER_BATCH_SIZE=4)
            await stream.finish()
        with lone_service.redis.client() as client:
            sizes = _sizes(client)
            results = client.xlen(keys.results(stream.job))
        await stream.leave()

    # Then
    assert results == (len(images) if worked else 0)
    assert max(sizes.values()) < LARGEST_VALUE, sizes


async def test_while_no_worker_takes_them_images_need_few_wake_ups(
    lone_service: Service,
) -> None:
    # Given
    gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open()

        # When
        await stream.send(*(grey(f"{n}", 20 + n) for n in range(64)))
        await stream.until(lambda s: len(s.accepted) == 64)
        with lone_service.redis.client() as client:
            wake_ups = int(client.llen("densa.classify"))

        # Then: some are registered before the first wake-up is known to wait
        assert 1 <= wake_ups <= 8

        # When
        lone_service.start_worker()
        await stream.finish()

    # Then
    assert stream.presences == {
        f"{n}": pytest.approx(presence(20 + n), abs=TOLERANCE) for n in range(64)
    }


def _subscribers(client: redis.Redis) -> int:
    return sum(int(entry["sub"]) > 0 for entry in client.client_list(_type="pubsub"))


async def test_a_gateway_has_one_subscription_connection_whatever_the_number_of_streams(
    lone_service: Service,
) -> None:
    # Given: streams that begin at the very start of the gateway
    gateway: Gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        streams = [Stream(stub_of(channel)) for _ in range(40)]
        await asyncio.gather(*(stream.open() for stream in streams))
        await asyncio.gather(*(stream.until(lambda s: s.job) for stream in streams))
        with lone_service.redis.client() as client:
            # Then
            await until(lambda: len(client.pubsub_channels("densa:job:*")) == 40)
            assert _subscribers(client) == 1

            # When
            await asyncio.gather(*(stream.finish() for stream in streams))

            # Then
            await until(lambda: client.pubsub_channels("densa:job:*") == [])
            assert _subscribers(client) == 1


async def test_results_arrive_although_the_subscription_is_cut_again_and_again(
    service: Service,
) -> None:
    # Given
    with service.gateway() as gateway, service.redis.client() as client:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            streams = [Stream(stub_of(channel)) for _ in range(5)]
            await asyncio.gather(*(stream.open() for stream in streams))

            # When
            for n in range(8):
                await asyncio.gather(*(s.send(grey(f"{n}", 20 + n)) for s in streams))
                client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            await asyncio.gather(*(stream.finish() for stream in streams))

    # Then
    for stream in streams:
        assert len(stream.presences) == 8
    assert "Traceback" not in gateway.log.read_text()


async def test_every_connection_may_be_cut_and_calls_go_on(lone_service: Service) -> None:
    # Given
    gateway = lone_service.start_gateway()
    lone_service.start_worker()
    wait_until_serving(gateway.address)
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open()
        await stream.send(grey("before", 50))
        await stream.until(lambda s: s.results)

        # When: everybody's connections, the worker's included
        with lone_service.redis.client() as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await stream.send(*(grey(f"{n}", 60 + n) for n in range(10)))
        await stream.finish()

    # Then
    assert len(stream.presences) == 11
