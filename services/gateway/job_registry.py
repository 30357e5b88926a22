"""The gateway's side of the jobs in Redis: opening, registering, counting, deleting."""

import asyncio
import contextlib
import re
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import redis.asyncio
import redis.exceptions

from services.common import keys
from services.common.errors import NotFound, Unavailable
from services.common.messages import ImageRecord, ImageRef, encode_record

_JOB_NAME = re.compile(r"[0-9a-f]{32}")
"""A name as `open` makes it. Any other is no job, and could be part of another key."""

ANSWER_SECONDS = 5.0
"""How long Redis may take to answer before it counts as away."""

_REGISTER_SCRIPT = Path(__file__).with_name("register.lua").read_text()


class Registered(StrEnum):
    """What registering an image found."""

    NEW = "NEW"
    PENDING = "PENDING"
    """Known with the same bytes, no outcome yet."""
    FINISHED = "FINISHED"
    """Known with the same bytes, and it has its outcome."""
    CONFLICT = "CONFLICT"
    """Known with other bytes."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The answer to a registration."""

    found: Registered
    waiting_tasks: int
    """Tasks in the queue that no worker has taken: 0 means that workers are idle."""


class JobRegistry(Protocol):
    """What the gateway needs to know of jobs."""

    async def open(self) -> str:
        """Opens a job and returns its name."""

    async def register(
        self, image: ImageRef, record: ImageRecord, *, opens: bool = False
    ) -> Registration:
        """Registers an image in its job, atomically; `opens` opens the job in the same step.

        Raises NotFound for an unknown job, unless it opens.
        """

    async def accepted(self, job: str) -> int:
        """How many images the job has accepted. Raises NotFound for an unknown job."""

    async def delete(self, job: str) -> None:
        """Forgets the job; its images that have not run will not."""


class RedisJobRegistry:
    """JobRegistry on Redis; every method is one round trip."""

    def __init__(
        self, client: redis.asyncio.Redis, *, queue_name: str, job_ttl_seconds: int
    ) -> None:
        self._client = client
        self._queue_name = queue_name
        self._ttl = job_ttl_seconds
        self._script = client.register_script(_REGISTER_SCRIPT)

    async def open(self) -> str:
        """See JobRegistry."""
        name = new_job_name()
        key = keys.job(name)
        async with redis_answers(), self._client.pipeline(transaction=True) as pipe:
            pipe.hset(key, mapping={"create_time": time.time(), "accepted": 0, "finished": 0})
            pipe.expire(key, self._ttl)
            await pipe.execute()
        return name

    async def register(
        self, image: ImageRef, record: ImageRecord, *, opens: bool = False
    ) -> Registration:
        """See JobRegistry."""
        job = image.job
        names = [*_keys_of(job), self._queue_name]
        async with redis_answers():
            opening = record.accepted_at if opens else ""
            found, waiting = await self._script(
                names, [image.image_id, encode_record(record), self._ttl, opening]
            )
        if found == b"NO_JOB":
            raise unknown_job(job)
        return Registration(Registered(found.decode()), int(waiting))

    async def accepted(self, job: str) -> int:
        """See JobRegistry."""
        if not _JOB_NAME.fullmatch(job):
            raise unknown_job(job)
        async with redis_answers():
            count = await self._client.hget(keys.job(job), "accepted")
        if count is None:
            raise unknown_job(job)
        return int(count)

    async def delete(self, job: str) -> None:
        """See JobRegistry."""
        async with redis_answers():
            await self._client.delete(*_keys_of(job))


def _keys_of(job: str) -> tuple[str, ...]:
    return keys.job(job), keys.images(job), keys.outcomes(job), keys.results(job)


def new_job_name() -> str:
    """A name that no other job has and nobody guesses."""
    return uuid.uuid4().hex


def unknown_job(job: str) -> NotFound:
    """The error for a job that is not there."""
    return NotFound(
        f"There is no job {job[:64]!r}: it was never opened here, was deleted, or has expired. "
        "Open a new job.",
        field="open_job.job",
    )


@contextlib.asynccontextmanager
async def redis_answers() -> AsyncIterator[None]:
    """Turns a Redis that does not answer, or not soon, into Unavailable."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError) as error:
        raise Unavailable(
            "The queue cannot be reached; nothing was accepted. Try again shortly.",
            reason="QUEUE_UNAVAILABLE",
        ) from error
