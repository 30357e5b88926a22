"""What stands still, is cut off, gets lost or cannot be reached for a while."""

import asyncio
import json
import signal
import time
from pathlib import Path

import grpc
import pytest
import redis
import redis.asyncio

from services.common.directory_store import DirectoryImageStore
from services.common.image_store import image_key
from services.common.messages import ImageDetails, ImageRef
from services.common.settings import QueueSettings, RedisSettings
from services.common.wake_ups import CeleryWakeUpQueue
from services.gateway.backlog import Backlog, Limits
from services.gateway.job_registry import Opening, RedisJobRegistry, Registrant
from tests.faults.conftest import LEASE_SECONDS, SETTINGS, StackOf
from tests.faults.driving import (
    IMAGES,
    RECOVERY_SECONDS,
    Drive,
    check_nothing_is_left,
    drive,
    level_of,
)
from tests.faults.proxy import CuttableWay
from tests.integration.calls import Stream, grey, stub_of
from tests.integration.micrographs import TOLERANCE, micrograph, presence
from tests.integration.processes import running_service, wait_until_serving
from tests.stack_fixture import RealStack
from tests.volumes import mounted, remount
from tests.waiting import until

QUEUE = "densa.classify"
VISIBILITY_SECONDS = 5
"""After which a wake-up whose acknowledgement got lost is taken again."""


async def test_a_worker_that_stands_still_for_longer_than_its_lease_is_overtaken_and_told_nothing(
    stack_of: StackOf,
) -> None:
    # Given
    def stand_still(driven: Drive) -> None:
        stack.signal("worker-1", signal.SIGSTOP)
        before = len(driven.results)
        time.sleep(LEASE_SECONDS + 2)
        assert len(driven.results) > before + 100, "the other one worked meanwhile"
        stack.signal("worker-1", signal.SIGCONT)

    with stack_of(workers=2) as stack:
        # When
        driven = await drive(stack.address, stand_still)

        # Then: what it had in hand has one result, whoever was first
        driven.check(IMAGES)
        with redis.Redis.from_url(stack.redis_url) as client:
            await check_nothing_is_left(client, stack.store)


async def test_wake_ups_that_get_lost_cost_a_second_and_no_image(stack: RealStack) -> None:
    # Given
    def lose(driven: Drive) -> None:
        with redis.Redis.from_url(stack.redis_url) as client:
            end = time.monotonic() + 4
            while time.monotonic() < end and len(driven.results) < IMAGES:
                client.delete(QUEUE)

    # When
    driven = await drive(stack.address, lose)

    # Then
    driven.check(IMAGES)
    with redis.Redis.from_url(stack.redis_url) as client:
        await check_nothing_is_left(client, stack.store)


async def test_what_a_gateway_registered_before_it_was_killed_is_worked_on(
    stack: RealStack,
) -> None:
    # Given: pixels and registration, and no word to anybody, as a kill right after it leaves
    async with redis.asyncio.Redis.from_url(stack.redis_url) as client:
        registry = RedisJobRegistry(
            client, Backlog(Limits(10, 2**30)), queue_name=QUEUE, job_ttl_seconds=1000
        )
        job = await registry.open(Opening())
        store = DirectoryImageStore(stack.store)
        for n in range(5):
            store.put(image_key(job, f"{n}", f"{n}" * 64), micrograph(level_of(n)))
            registrant = Registrant(f"{n}" * 64, 1000, ImageDetails(f"{n}", "", 46.0))
            await registry.register(ImageRef(job, f"{n}"), registrant)

    # When
    began = time.monotonic()
    async with grpc.aio.insecure_channel(stack.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open(job)
        await stream.finish()

    # Then
    assert time.monotonic() - began < RECOVERY_SECONDS
    assert stream.presences == {
        f"{n}": pytest.approx(presence(level_of(n)), abs=TOLERANCE) for n in range(5)
    }


async def test_an_image_store_that_is_away_for_a_while_loses_nothing(stack: RealStack) -> None:
    # Given
    def take_away(_: Drive) -> None:
        aside = stack.store.with_name("aside")
        stack.store.rename(aside)
        stack.store.write_text("in the way")
        time.sleep(3)
        stack.store.unlink()
        aside.rename(stack.store)

    # When
    driven = await drive(stack.address, take_away)

    # Then
    driven.check(IMAGES)
    with redis.Redis.from_url(stack.redis_url) as client:
        await check_nothing_is_left(client, stack.store)


@pytest.mark.timeout(400)
async def test_an_image_store_that_is_read_only_for_a_while_loses_nothing(
    tmp_path: Path, stack_of: StackOf
) -> None:
    # Given: a volume of its own, for permissions do not stop root
    writable_again = 0.0
    with mounted(tmp_path / "stack" / "images", "64m") as store, stack_of() as stack:
        assert stack.store == store

        def make_read_only(_: Drive) -> None:
            nonlocal writable_again
            remount(store, "ro")
            time.sleep(3)
            remount(store, "rw")
            writable_again = time.monotonic()

        # When
        driven = await drive(stack.address, make_read_only)

        # Then
        driven.check(IMAGES)
        assert driven.silence_after(writable_again) < RECOVERY_SECONDS
        with redis.Redis.from_url(stack.redis_url) as client:
            await check_nothing_is_left(client, store)


async def test_a_worker_that_is_cut_off_from_redis_goes_on_when_it_is_not(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    # Given
    with running_service(tmp_path, tiny_bundle) as service:
        way = CuttableWay(service.redis.socket.with_name("way.sock"), service.redis.socket)
        gateway = service.start_gateway(**SETTINGS)
        service.start_worker(**SETTINGS, DENSA_REDIS_URL=way.url)
        wait_until_serving(gateway.address)
        mended = 0.0

        def cut(_: Drive) -> None:
            nonlocal mended
            way.cut()
            time.sleep(LEASE_SECONDS + 2)
            way.mend()
            mended = time.monotonic()

        # When
        driven = await drive(gateway.address, cut)

        # Then
        driven.check(IMAGES)
        assert driven.silence_after(mended) < RECOVERY_SECONDS
        with service.redis.client() as client:
            await check_nothing_is_left(client, service.store)
        service.stop()
        way.close()


async def test_all_threads_of_a_worker_consume_after_each_of_several_cuts(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    # Given: the known trap is a worker that lives, reconnects and consumes no more
    with running_service(tmp_path, tiny_bundle) as service:
        gateway = service.start_gateway()
        service.start_worker(
            DENSA_WORKER_CONCURRENCY=3,
            DENSA_QUEUE_VISIBILITY_TIMEOUT_SECONDS=VISIBILITY_SECONDS,
        )
        wait_until_serving(gateway.address)
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            for turn in range(6):
                # When
                with service.redis.client() as client:
                    client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                streams = [Stream(stub_of(channel)) for _ in range(3)]
                for stream in streams:
                    await stream.open()
                    await stream.send(*(grey(f"{turn}.{n}", level_of(n)) for n in range(20)))

                # Then
                await asyncio.gather(*(stream.finish() for stream in streams))
            with service.redis.client() as client:
                # No wake-up is left that nobody takes, nor one whose acknowledgement was cut off.
                await until(lambda: client.llen(QUEUE) + client.hlen("unacked") == 0)


async def test_a_wake_up_whose_acknowledgement_got_lost_is_taken_again(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    # Given: taken long ago, as kombu notes it, by a worker whose connection broke after that
    with running_service(tmp_path, tiny_bundle) as service, service.redis.client() as client:
        CeleryWakeUpQueue(RedisSettings(url=service.redis.url), QueueSettings()).publish()
        message = json.loads(client.lpop(QUEUE))
        tag = message["properties"]["delivery_tag"]
        client.hset("unacked", tag, json.dumps([message, "", QUEUE]))
        client.zadd("unacked_index", {tag: time.time() - 2 * VISIBILITY_SECONDS})

        # When
        service.start_worker(DENSA_QUEUE_VISIBILITY_TIMEOUT_SECONDS=VISIBILITY_SECONDS)

        # Then
        await until(lambda: not client.exists(QUEUE, "unacked", "unacked_index"))
