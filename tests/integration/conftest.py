"""One service of real processes for the tests that leave it as it is."""

import functools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import redis.asyncio

from tests.bundles import write_tiny_bundle
from tests.integration.calls import stub_of
from tests.integration.jobs_under_test import Jobs, jobs_on
from tests.integration.processes import Gateway, Service, running_service, wait_until_serving
from tests.integration.queue_world import QueueOf, QueueWorld
from tests.redis_server import RedisServer

WORKER_NAME = "the usual worker"


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that tells how bright an image is."""
    path = tmp_path_factory.mktemp("bundle") / "tiny"
    write_tiny_bundle(path)
    return path


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> Iterator[Service]:
    """Redis and a worker. Tests leave them running."""
    with running_service(tmp_path_factory.mktemp("service"), tiny_bundle) as service:
        service.start_worker(DENSA_WORKER_NAME=WORKER_NAME)
        yield service


@pytest.fixture(scope="session")
def gateway(service: Service) -> Gateway:
    """A gateway of the usual settings, serving. Tests leave it running."""
    gateway = service.start_gateway()
    wait_until_serving(gateway.address)
    return gateway


@pytest.fixture
def lone_service(tmp_path: Path, tiny_bundle: Path) -> Iterator[Service]:
    """A Redis without any process, for tests that stop and kill."""
    with running_service(tmp_path, tiny_bundle) as service:
        yield service


@pytest.fixture(params=["fake", "redis"])
async def jobs(request: pytest.FixtureRequest, clean_redis: RedisServer) -> AsyncIterator[Jobs]:
    """Registry and ledger, in memory and on Redis: for tests that prove the fakes."""
    async with jobs_on(request.param, clean_redis) as jobs:
        yield jobs


@pytest.fixture
async def queue_of(clean_redis: RedisServer) -> AsyncIterator[QueueOf]:
    """Makes the scripts' world on a real Redis, with limits."""
    async with redis.asyncio.Redis.from_url(clean_redis.url) as asynchronous:
        with clean_redis.client() as client:
            yield functools.partial(QueueWorld.on, asynchronous, client)


@pytest.fixture
def queue(queue_of: QueueOf) -> QueueWorld:
    """The scripts on a real Redis."""
    return queue_of()


@pytest.fixture
async def channel(gateway: Gateway) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to the usual gateway."""
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        yield channel


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> Any:
    """The classification service of the usual gateway."""
    return stub_of(channel)
