"""Registry and ledger of the same jobs, in memory or on Redis."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, cast

import redis
import redis.asyncio

from services.common import keys
from services.common.messages import ImageRecord, Outcome
from services.gateway.job_registry import JobRegistry, RedisJobRegistry
from services.worker.job_ledger import JobLedger, RedisJobLedger
from tests.fakes.classifier import classification
from tests.fakes.job_ledger import FakeJobLedger
from tests.fakes.job_registry import FakeJobRegistry
from tests.fakes.jobs import MemoryJobs
from tests.redis_server import RedisServer

TTL = 100
QUEUE = "a queue"


class Results(Protocol):
    """Reads a job's results, and how many tasks a test pretends to wait."""

    async def of(self, job: str) -> list[bytes]:
        """The results in order."""
        ...

    async def pretend_waiting(self, tasks: int) -> None:
        """As if so many tasks waited in the queue."""
        ...


@dataclass
class Jobs:
    """Both sides of the same jobs."""

    registry: JobRegistry
    ledger: JobLedger
    results: Results


class MemoryResults:
    """Results in memory."""

    def __init__(self, state: MemoryJobs) -> None:
        self._state = state

    async def of(self, job: str) -> list[bytes]:
        """See Results."""
        return self._state.jobs[job].results

    async def pretend_waiting(self, tasks: int) -> None:
        """See Results."""
        self._state.waiting_tasks = tasks


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

    async def pretend_waiting(self, tasks: int) -> None:
        """See Results."""
        await self._client.rpush(QUEUE, *range(tasks))


@asynccontextmanager
async def jobs_on(kind: str, server: RedisServer) -> AsyncIterator[Jobs]:
    """Both sides of the same jobs: fakes, or on a real Redis."""
    if kind == "fake":
        state = MemoryJobs()
        yield Jobs(FakeJobRegistry(state), FakeJobLedger(state), MemoryResults(state))
        return
    async with redis.asyncio.Redis.from_url(server.url) as client:
        with server.client() as blocking:
            yield Jobs(
                RedisJobRegistry(client, queue_name=QUEUE, job_ttl_seconds=TTL),
                RedisJobLedger(blocking, job_ttl_seconds=TTL),
                RedisResults(client),
            )


def new_record(digit: str = "d", **fields: object) -> ImageRecord:
    """A record of bytes whose digest is that digit."""
    fields.setdefault("accepted_at", time.time())
    return ImageRecord(digit * 64, **fields)  # type: ignore[arg-type]


def new_outcome(image_id: str, level: int = 1) -> Outcome:
    """An outcome with an answer."""
    return Outcome(image_id, classification=classification(level))
