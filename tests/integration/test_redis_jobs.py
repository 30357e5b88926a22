"""What only Redis can show of jobs: they leave nothing for ever, and one writer wins a race."""

import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis.asyncio

from services.common import keys
from services.common.errors import Unavailable
from services.common.messages import ImageRecord, ImageRef, Outcome
from services.gateway.job_registry import RedisJobRegistry
from services.worker.job_ledger import RedisJobLedger
from tests.fakes.classifier import classification
from tests.redis_server import RedisServer

TTL = 100


@pytest.fixture
async def registry(clean_redis: RedisServer) -> AsyncIterator[RedisJobRegistry]:
    async with redis.asyncio.Redis.from_url(clean_redis.url) as client:
        yield RedisJobRegistry(client, queue_name="q", job_ttl_seconds=TTL)


async def test_everything_of_a_job_is_forgotten_in_the_end(
    registry: RedisJobRegistry, clean_redis: RedisServer
) -> None:
    # Given
    image = ImageRef(await registry.open(), "a")
    await registry.register(image, ImageRecord("d" * 64, time.time()))
    with clean_redis.client() as client:
        # When
        RedisJobLedger(client, job_ttl_seconds=TTL).write([(image, Outcome("a", error={}))])

        # Then
        names = client.keys("*")
        assert len(names) == 4
        assert all(0 < client.ttl(name) <= TTL for name in names)

        # When
        await registry.delete(image.job)

        # Then
        assert client.keys("*") == []


async def test_each_result_and_each_image_lets_the_whole_job_live_longer(
    registry: RedisJobRegistry, clean_redis: RedisServer
) -> None:
    # Given: a job half-way to its end
    image = ImageRef(await registry.open(), "a")
    await registry.register(image, ImageRecord("d" * 64, time.time()))
    with clean_redis.client() as client:
        ledger = RedisJobLedger(client, job_ttl_seconds=TTL)
        ledger.write([(image, Outcome("a", error={}))])

        def age() -> list[int]:
            return [int(client.ttl(name)) for name in sorted(client.keys("*"))]

        def grow_old() -> None:
            for name in client.keys("*"):
                client.expire(name, 5)

        # When
        grow_old()
        await registry.register(ImageRef(image.job, "b"), ImageRecord("e" * 64, time.time()))
        after_image = age()
        grow_old()
        ledger.write([(ImageRef(image.job, "b"), Outcome("b", error={}))])
        after_result = age()

    # Then
    assert min(after_image) > 5
    assert min(after_result) > 5


async def test_of_many_writers_at_once_one_wins_and_the_others_leave_no_gap(
    registry: RedisJobRegistry, clean_redis: RedisServer
) -> None:
    # Given
    job = await registry.open()
    images = [ImageRef(job, f"{n}") for n in range(20)]
    for image in images:
        await registry.register(image, ImageRecord("d" * 64, time.time()))
    with clean_redis.client() as client:
        ledger = RedisJobLedger(client, job_ttl_seconds=TTL)

        def write(level: int) -> None:
            answer = classification(level)
            ledger.write([(image, Outcome(image.image_id, "", answer)) for image in images])

        # When
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(write, range(8)))

        # Then
        entries = client.xrange(keys.results(job))
        assert [entry for entry, _ in entries] == [b"%d-0" % n for n in range(1, 21)]
        assert client.hget(keys.job(job), "finished") == b"20"


async def test_a_redis_that_is_not_there_is_unavailable() -> None:
    # Given
    async with redis.asyncio.Redis.from_url("unix:///nowhere.sock") as client:
        registry = RedisJobRegistry(client, queue_name="q", job_ttl_seconds=TTL)

        # Then
        with pytest.raises(Unavailable) as caught:
            await registry.open()
        assert caught.value.reason == "QUEUE_UNAVAILABLE"
