"""The primary of Redis is killed, and another takes its place."""

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import grpc
import pytest

from services.common import keys
from tests.bundles import write_tiny_bundle
from tests.faults.driving import BROKEN_AFTER, CASE, IMAGES, RECOVERY_SECONDS, Drive
from tests.faults.driving import images as some
from tests.integration.calls import grey, reason_of, refusal, status_of, stub_of
from tests.integration.job_calls import get, job_stub_of, watched
from tests.integration.processes import Service, wait_until_serving
from tests.redis_server import RedisServer
from tests.sentinels import Sentinels, running_sentinels
from tests.waiting import until


@pytest.fixture
def sentinels() -> Iterator[Sentinels]:
    with running_sentinels() as running:
        yield running


@pytest.fixture
def service(sentinels: Sentinels, tmp_path: Path) -> Iterator[Service]:
    """Gateway and worker that know the sentinels alone."""
    write_tiny_bundle(tmp_path / "tiny")
    service = Service(cast("RedisServer", sentinels), tmp_path, tmp_path / "tiny")
    try:
        yield service
        service.stop()
    finally:
        for process in service.processes:
            if process.popen.poll() is None:
                process.kill()


async def test_the_primary_is_killed_during_a_job_and_every_accepted_image_has_one_result(
    service: Service, sentinels: Sentinels, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given
    service.start_worker()
    gateway = service.start_gateway()
    wait_until_serving(gateway.address)
    primary = sentinels.primary()

    # When: some are answered, some are accepted, some are on their way
    drive = Drive()
    running = asyncio.create_task(drive.run(gateway.address, some(IMAGES)))
    await drive.until(BROKEN_AFTER)
    sentinels.kill(primary)
    killed = time.monotonic()
    await running

    # Then: another server is the primary, and each image has its own answer once
    assert sentinels.primary() != primary
    drive.check(IMAGES)
    silence = drive.silence_after(killed + 0.5)
    assert silence < RECOVERY_SECONDS

    # And what was told is what the job holds, in its order: nothing told was lost
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        jobs = job_stub_of(channel)
        with sentinels.client(sentinels.primary()) as client:
            (job,) = cast("list[bytes]", client.zrange(keys.JOBS, 0, -1))
        assert (await get(jobs, job.decode())).finished == IMAGES
        told = await watched(jobs, job.decode())
    images = [one.result.image_id for one in told if one.HasField("result")]  # others are of cases
    assert images == list(drive.results)
    with capsys.disabled():
        print(f"\nprimary killed: the next result {silence + 0.5:.1f} s later")


async def test_results_that_the_primary_took_along_are_made_again_from_pixels_that_were_kept(
    service: Service, sentinels: Sentinels
) -> None:
    # Given: images that a replica has, and that no worker has seen
    worker = service.start_worker()
    gateway = service.start_gateway()
    wait_until_serving(gateway.address)
    worker.signal(signal.SIGSTOP)
    drive = Drive()
    running = asyncio.create_task(drive.run(gateway.address, some(CASE)))
    with sentinels.client(sentinels.primary()) as client:
        await until(lambda: client.hget(keys.LOAD, "images") == b"%d" % CASE)

        # When: all have their results, which go with the primary
        with sentinels.unreplicated():
            worker.signal(signal.SIGCONT)
            await until(lambda: not client.hget(keys.LOAD, "images"))
            assert not drive.results, "not told before a replica has them"
            sentinels.kill(sentinels.primary())
    await running

    # Then
    drive.check(CASE)


async def test_without_replicas_nothing_is_accepted(service: Service, sentinels: Sentinels) -> None:
    # Given
    service.start_worker()
    gateway = service.start_gateway()
    wait_until_serving(gateway.address)
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stub = stub_of(channel)

        # When: what only the primary has may be lost with it
        replicas = sentinels.replicas()
        for port in replicas:
            sentinels.kill(port)

        # Then
        error = await refusal(stub, grey("x", 100))
        assert reason_of(status_of(error)) == "QUEUE_UNAVAILABLE"
