"""Clients that die, hang or do not read cost the service nothing, and lose nothing accepted."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import grpc
import psutil
import pytest
import redis
from densa.v1.micrograph_pb2 import Micrograph

from tests.integration.calls import Stream, classify, grey, stub_of
from tests.integration.micrographs import TOLERANCE, presence
from tests.integration.processes import ROOT, Gateway, Service, wait_until_serving
from tests.waiting import until

MIB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


def _watched(client: redis.Redis) -> int:
    return len(client.pubsub_channels("densa:job:*"))


def _start_client(gateway: Gateway, count: int, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as file:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.integration.vanishing_client",
                gateway.address,
                f"{count}",
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos' / 'gen'}"},
            stdout=file,
        )


async def test_what_a_killed_client_had_accepted_finishes_and_can_be_collected(
    lone_service: Service, tmp_path: Path
) -> None:
    # Given: a client in the midst of sending, and no worker yet
    gateway = lone_service.start_gateway()
    log = tmp_path / "client.log"
    client = _start_client(gateway, 100, log)
    await until(lambda: len(log.read_text().splitlines()) > 30)
    with lone_service.redis.client() as database:
        assert _watched(database) == 1

        # When
        client.kill()
        client.wait()

        # Then
        await until(lambda: _watched(database) == 0)
    job, *accepted = log.read_text().splitlines()

    # When
    lone_service.start_worker()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open(job)
        await stream.finish()

    # Then
    assert set(accepted) <= set(stream.presences)
    assert stream.presences == {
        name: pytest.approx(presence(20 + int(name)), abs=TOLERANCE) for name in stream.presences
    }
    await until(lambda: not lone_service.images)


async def test_a_unary_client_that_hangs_up_leaves_nothing(lone_service: Service) -> None:
    # Given: a call that nobody can answer
    gateway = lone_service.start_gateway()
    worker = lone_service.start_worker()
    wait_until_serving(gateway.address)
    worker.kill()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        calling = asyncio.create_task(classify(stub_of(channel), grey("a", 50)))
        await until(lambda: lone_service.images)

        # When
        calling.cancel()

        # Then
        await until(lambda: not lone_service.images)
        with lone_service.redis.client() as client:
            await until(lambda: client.keys("densa:job:*") == [])
            await until(lambda: _watched(client) == 0)


async def _stalled(progress: list[object]) -> None:
    """Returns when nothing was added for a while."""
    seen = -1
    while seen != len(progress):
        seen = len(progress)
        await asyncio.sleep(0.5)


async def test_a_client_that_does_not_read_is_held_and_costs_nothing_when_it_is_gone(
    lone_service: Service,
) -> None:
    # Given: a stream whose answers nobody reads
    gateway = lone_service.start_gateway()
    with lone_service.redis.client() as client:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            stream = Stream(stub_of(channel), reads=False)
            sent: list[object] = []
            count = 2000

            async def send() -> None:
                await stream.open()
                for number in range(count):
                    # An id that is echoed, too long to be taken.
                    await stream.send(Micrograph(image_id=f"{number}".rjust(50_000)))
                    sent.append(number)

            # When
            sending = asyncio.create_task(send())
            await until(lambda: sent)
            await _stalled(sent)

            # Then
            assert len(sent) < count
            assert _watched(client) == 1

            # When
            sending.cancel()
            await stream.leave()
        # Then
        await until(lambda: _watched(client) == 0)


async def test_a_stream_that_sends_faster_than_the_workers_work_is_held(
    lone_service: Service,
) -> None:
    # Given: 200 MiB to send, no worker, and a window of 8 images of 1 MiB
    gateway = lone_service.start_gateway(DENSA_GATEWAY_STREAM_WINDOW=8)
    process = psutil.Process(gateway.popen.pid)
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open()
        await stream.until(lambda s: s.job)
        before = process.memory_info().rss
        sent: list[object] = []

        async def send() -> None:
            for number in range(200):
                image = PNG + number.to_bytes(8, "big") + bytes(MIB)
                await stream.send(Micrograph(image_id=f"{number}", image=image))
                sent.append(number)

        # When
        sending = asyncio.create_task(send())
        await stream.until(lambda s: len(s.accepted) == 8)
        await _stalled(sent)

        # Then: no more than what lies in the buffers between
        assert len(stream.accepted) == 8
        assert len(sent) < 40
        assert process.memory_info().rss - before < 80 * MIB

        # When
        lone_service.start_worker()
        await sending
        await stream.finish()

    # Then: each was looked at, and none is an image
    assert len(stream.accepted) == len(stream.results) == 200
    assert process.memory_info().rss - before < 80 * MIB
