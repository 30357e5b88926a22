"""The gateway's side of the jobs in Redis: opening, registering, counting, deleting."""

import re
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import redis.asyncio

from services.common import keys
from services.common.errors import JobCancelled, JobClosed, NotFound
from services.common.lanes import Lane
from services.common.messages import ImageDetails, ImageRef, encode_details
from services.common.scripts import script
from services.gateway.backlog import Backlog
from services.gateway.redis_answers import redis_answers
from services.gateway.replication import run_replicated

_JOB_NAME = re.compile(r"[0-9a-f]{32}")
"""A name as `open` makes it. Any other is no job, and could be part of another key."""

REFUSALS = frozenset({"NO_JOB", "CANCELLED", "JOB_CLOSED", "CASE_CLOSED", "FULL", "SUBMITTER_FULL"})
"""What lua/register.lua says besides Registered."""


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
    wake_ups: int
    """Wake-ups that no worker has taken: 0 means that threads may be idle."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a job is opened with."""

    lane: Lane = Lane.ROUTINE
    submitter: str = ""
    """Who sends: submitters of a lane take turns."""
    ttl_seconds: float | None = None
    """How long after its last image or result it is forgotten; the settings' where None."""


@dataclass(frozen=True, slots=True)
class Registrant:
    """An image to register, without its pixels."""

    digest: str
    size: int
    """Bytes of the file."""
    details: ImageDetails
    max_wait_seconds: float | None = None
    """How long it may wait for a worker."""


class JobRegistry(Protocol):
    """What the gateway needs to know of jobs."""

    async def open(self, opening: Opening) -> str:
        """Opens a job and returns its name."""

    async def register(
        self, image: ImageRef, registrant: Registrant, *, opening: Opening | None = None
    ) -> Registration:
        """Registers an image in its job and queues it, atomically; with an `opening` the job is
        opened in the same step.

        Raises NotFound for an unknown job, unless it opens; JobCancelled; JobClosed;
        Overloaded where the queue is full, or Redis.
        """

    async def due(self, job: str) -> int:
        """How many results the job has or will have: one for each image it has accepted and
        each case that was closed. Raises NotFound for an unknown job.
        """

    async def delete(self, job: str) -> None:
        """Forgets the job; its images that have not run will not."""


class RedisJobRegistry:
    """JobRegistry on Redis; every method is one round trip."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        backlog: Backlog,
        *,
        queue_name: str,
        job_ttl_seconds: int,
        wait_replicas: int = 0,
    ) -> None:
        self._client, self._replicas = client, wait_replicas
        self._backlog, self._queue_name, self._ttl = backlog, queue_name, job_ttl_seconds
        self._open = client.register_script(script("open"))
        self._register = client.register_script(script("register"))
        self._forget = client.register_script(script("forget"))

    async def open(self, opening: Opening) -> str:
        """See JobRegistry."""
        name = new_job_name()
        async with redis_answers():
            await self._open(args=[name, *self._fields(opening)])
        return name

    async def register(
        self, image: ImageRef, registrant: Registrant, *, opening: Opening | None = None
    ) -> Registration:
        """See JobRegistry."""
        limits = self._backlog.limits
        wait = registrant.max_wait_seconds
        arguments: list[str | float] = [
            *(image.job, image.image_id, registrant.digest, registrant.size),
            "" if wait is None else max(0.0, wait),
            encode_details(registrant.details),
            *(limits.images, limits.bytes, self._queue_name),
            *(self._fields(opening) if opening is not None else ("", "", "")),
            registrant.details.case_id,
        ]
        async with redis_answers():
            answer = await run_replicated(self._client, self._register, arguments, self._replicas)
        said, wake_ups, images, held = answer
        self._backlog.update(int(images), int(held))
        found = said.decode()
        if found in REFUSALS:
            raise self._refusal(found, image.job, registrant.details.case_id)
        return Registration(Registered(found), int(wake_ups))

    async def due(self, job: str) -> int:
        """See JobRegistry."""
        if not is_job_name(job):
            raise unknown_job(job)
        async with redis_answers():
            count = await self._client.hget(keys.job(job), "accepted")
        if count is None:
            raise unknown_job(job)
        return int(count)

    async def delete(self, job: str) -> None:
        """See JobRegistry."""
        async with redis_answers():
            await self._forget(args=[job])

    def _fields(self, opening: Opening) -> tuple[str, str, float]:
        ttl = self._ttl if opening.ttl_seconds is None else opening.ttl_seconds
        return opening.lane, opening.submitter, ttl

    def _refusal(self, found: str, job: str, case_id: str) -> Exception:
        match found:
            case "NO_JOB":
                return unknown_job(job)
            case "CANCELLED":
                return JobCancelled(f"The job {job} was cancelled. Open a new one.")
            case "JOB_CLOSED":
                return JobClosed(f"The job {job} was closed. Open a new one.")
            case "CASE_CLOSED":
                return JobClosed(
                    f"The case {case_id!r} was closed in this job: its result does not change any "
                    "more. Send all its micrographs into a new job for a new result.",
                    reason="CASE_CLOSED",
                    field="micrograph.case_id",
                )
            case "SUBMITTER_FULL":
                return self._backlog.full(whose="yours is its largest part")
            case _:
                return self._backlog.full()


def is_job_name(job: str) -> bool:
    """Whether a job could have this name."""
    return _JOB_NAME.fullmatch(job) is not None


def new_job_name() -> str:
    """A name that no other job has and nobody guesses."""
    return uuid.uuid4().hex


def unknown_job(job: str, field: str = "open_job.job") -> NotFound:
    """The error for a job that is not there."""
    return NotFound(
        f"There is no job {job[:64]!r}: it was never opened here, was deleted, or has expired. "
        "Open a new job.",
        field=field,
    )
