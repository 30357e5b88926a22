"""The jobs that are kept: looked at, listed, cancelled, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import redis.asyncio

from services.common import keys
from services.common.dismissals import cancelled, dismissed, waited_seconds
from services.common.errors import InvalidRequest
from services.common.lanes import Lane
from services.common.messages import ImageRef, Outcome, decode_record, encode_outcome
from services.common.scripts import script
from services.gateway.job_registry import is_job_name, unknown_job
from services.gateway.redis_answers import redis_answers

USUAL_PAGE, LARGEST_PAGE = 50, 1000
"""Jobs of a page: where none are asked for, and at most."""

CANCELLED_AT_ONCE = 500
"""Images that are looked at in one step: a few milliseconds of Redis."""

_FIELDS = (
    "lane",
    "state",
    "accepted",
    "finished",
    "create_time",
    "closed",
    "cases_due",
    "case_results",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One job; times in seconds since the epoch, by Redis's clock."""

    name: str
    lane: Lane
    cancelled: bool
    closed: bool
    accepted: int
    finished: int
    """Images that have their outcome."""
    cases_closed: int
    case_results: int
    create_time: float
    expire_time: float


class Jobs(Protocol):
    """What JobService needs to know of jobs. Every method may raise Unavailable."""

    async def get(self, name: str) -> Job:
        """One job. Raises NotFound."""

    async def page(self, size: int, token: str) -> tuple[list[Job], str]:
        """A page of jobs, the newest first, and the token of the next; empty for the last."""

    async def cancel(self, name: str) -> Job:
        """Cancels a job and gives what no worker has begun its outcome. Raises NotFound."""

    async def delete(self, name: str) -> None:
        """Forgets a job. Raises NotFound."""


class RedisJobs:
    """Jobs on Redis."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._cancel = client.register_script(script("cancel"))
        self._outcome = client.register_script(script("outcome"))
        self._forget = client.register_script(script("forget"))

    async def get(self, name: str) -> Job:
        """See Jobs. One round trip."""
        if is_job_name(name) and (found := await self._read([name])):
            return found[0]
        raise unknown_job(name, "job")

    async def page(self, size: int, token: str) -> tuple[list[Job], str]:
        """See Jobs. Two round trips."""
        if size < 0:
            raise InvalidRequest(
                f"page_size is {size}; it must not be negative.",
                reason="INVALID_PAGE_SIZE",
                field="page_size",
            )
        size = min(size or USUAL_PAGE, LARGEST_PAGE)
        newest = f"({_opened_before(token)!r}" if token else "+inf"
        async with redis_answers():
            answer = await self._client.zrevrangebyscore(
                keys.JOBS, newest, "-inf", start=0, num=size, withscores=True
            )
        entries = cast("list[tuple[bytes, float]]", answer)
        more = len(entries) == size
        jobs = await self._read([name.decode() for name, _ in entries])
        return jobs, repr(entries[-1][1]) if more else ""

    async def cancel(self, name: str) -> Job:
        """See Jobs. Two round trips for each 500 images."""
        if not is_job_name(name):
            raise unknown_job(name, "job")
        cursor = b"0"
        while True:
            async with redis_answers():
                there, cursor, at, images = await self._cancel(
                    args=[name, cursor, CANCELLED_AT_ONCE]
                )
            if not there:
                raise unknown_job(name, "job")
            await self._dismiss(name, float(at), images)
            if cursor == b"0":
                return await self.get(name)

    async def delete(self, name: str) -> None:
        """See Jobs. One round trip."""
        if not is_job_name(name):
            raise unknown_job(name, "job")
        async with redis_answers():
            forgotten = await self._forget(args=[name])
        if not forgotten:
            raise unknown_job(name, "job")

    async def _read(self, names: Sequence[str]) -> list[Job]:
        async with redis_answers(), self._client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hmget(keys.job(name), *_FIELDS)
                pipe.zscore(keys.EXPIRY, name)
            answers = await pipe.execute()
        found = zip(names, answers[::2], answers[1::2], strict=True)
        return [_job(name, fields, expires) for name, fields, expires in found if fields[0]]

    async def _dismiss(self, name: str, at: float, images: list[tuple[bytes, bytes]]) -> None:
        async with redis_answers(), self._client.pipeline(transaction=False) as pipe:
            for image_id, text in images:
                image = ImageRef(name, image_id.decode())
                outcome = _cancelled(image, text, at)
                await self._outcome(
                    args=[name, image.image_id, encode_outcome(outcome), outcome.case_id],
                    client=pipe,
                )
            await pipe.execute()


def _cancelled(image: ImageRef, text: bytes, at: float) -> Outcome:
    record = decode_record(text)
    return dismissed(image.image_id, record, cancelled(waited_seconds(record, at)), at)


def _job(name: str, fields: list[bytes | None], expires: float | None) -> Job:
    lane, state, accepted, finished, create_time = (value or b"" for value in fields[:5])
    closed, cases, case_results = (int(value or 0) for value in fields[5:])
    return Job(
        name,
        Lane(lane.decode()),
        state == b"CANCELLED",
        closed > 0,
        int(accepted) - cases,
        int(finished) - case_results,
        cases,
        case_results,
        float(create_time),
        expires or 0.0,
    )


def _opened_before(token: str) -> float:
    try:
        return float(token)
    except ValueError:
        raise InvalidRequest(
            "page_token must be empty or as a response gave it.",
            reason="INVALID_PAGE_TOKEN",
            field="page_token",
        ) from None
