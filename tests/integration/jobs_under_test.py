"""Registry and ledger of the same jobs, in memory or on Redis."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, cast

import redis
import redis.asyncio

from services.common import keys
from services.common.messages import ImageDetails, Outcome
from services.common.settings import LeaseSettings
from services.gateway.backlog import Backlog, Limits
from services.gateway.cases import Cases, RedisCases
from services.gateway.job_registry import JobRegistry, RedisJobRegistry, Registrant
from services.worker.job_ledger import JobLedger, RedisJobLedger
from tests.fakes.cases import FakeCases
from tests.fakes.classifier import classification
from tests.fakes.job_ledger import FakeJobLedger
from tests.fakes.job_registry import FakeJobRegistry
from tests.fakes.jobs import MemoryJobs
from tests.redis_server import RedisServer

TTL = 100
QUEUE = "a queue"
BATCH_SIZE = 16


class Results(Protocol):
    """Reads a job's results, and how many wake-ups a test pretends to wait."""

    async def of(self, job: str) -> list[bytes]:
        """The results in order."""
        ...

    async def pretend_waiting(self, wake_ups: int) -> None:
        """As if so many wake-ups waited in the queue."""
        ...

    async def left_of(self, job: str) -> list[str]:
        """What a job that was deleted has left: keys, and images that are counted as waiting."""
        ...


@dataclass
class Jobs:
    """Both sides of the same jobs."""

    registry: JobRegistry
    ledger: JobLedger
    results: Results
    cases: Cases


class MemoryResults:
    """Results in memory."""

    def __init__(self, state: MemoryJobs) -> None:
        self._state = state

    async def of(self, job: str) -> list[bytes]:
        """See Results."""
        return self._state.jobs[job].results

    async def pretend_waiting(self, wake_ups: int) -> None:
        """See Results."""
        self._state.wake_ups = wake_ups

    async def left_of(self, job: str) -> list[str]:
        """See Results."""
        return [name for name in self._state.jobs if name == job]


class RedisResults:
    """Results in Redis."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client

    async def of(self, job: str) -> list[bytes]:
        """See Results. Positions have no gaps."""
        entries = cast(
            "list[tuple[bytes, dict[bytes, bytes]]]", await self._client.xrange(keys.results(job))
        )
        assert [entry for entry, _ in entries] == [b"%d-0" % n for n in range(1, len(entries) + 1)]
        return [fields[b"outcome"] for _, fields in entries]

    async def pretend_waiting(self, wake_ups: int) -> None:
        """See Results."""
        await self._client.rpush(QUEUE, *range(wake_ups))

    async def left_of(self, job: str) -> list[str]:
        """See Results."""
        found = cast("list[bytes]", await self._client.keys(f"densa:job:{job}*"))
        left = [key.decode() for key in found]
        waiting = await self._client.hget(keys.LOAD, "images")
        return left + ([f"{waiting!r} images waiting"] if waiting else [])


@asynccontextmanager
async def jobs_on(kind: str, server: RedisServer) -> AsyncIterator[Jobs]:
    """Both sides of the same jobs: fakes, or on a real Redis."""
    if kind == "fake":
        state = MemoryJobs()
        ledger = FakeJobLedger(state, BATCH_SIZE)
        yield Jobs(FakeJobRegistry(state), ledger, MemoryResults(state), FakeCases(state))
        return
    async with redis.asyncio.Redis.from_url(server.url) as client:
        with server.client() as blocking:
            yield Jobs(
                registry_on(client),
                ledger_on(blocking),
                RedisResults(client),
                RedisCases(client),
            )


def registry_on(
    client: redis.asyncio.Redis, *, images: int = 10_000, size: int = 2**30
) -> RedisJobRegistry:
    """A registry with these limits."""
    return RedisJobRegistry(
        client, Backlog(Limits(images, size)), queue_name=QUEUE, job_ttl_seconds=TTL
    )


def ledger_on(client: redis.Redis, leases: LeaseSettings | None = None) -> RedisJobLedger:
    """The ledger of a worker with one thread."""
    leases = leases or LeaseSettings()
    return RedisJobLedger(client, client, batch_size=BATCH_SIZE, threads=1, leases=leases)


def new_registrant(
    digit: str = "d", *, size: int = 1000, max_wait_seconds: float | None = None, case_id: str = ""
) -> Registrant:
    """An image of bytes whose digest is that digit."""
    details = ImageDetails(uuid.uuid4().hex, case_id, 4.6)
    return Registrant(digit * 64, size, details, max_wait_seconds)


def new_outcome(image_id: str, level: int = 1) -> Outcome:
    """An outcome with an answer."""
    return Outcome(image_id, classification=classification(level))
