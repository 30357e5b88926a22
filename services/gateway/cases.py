"""The cases of jobs in Redis: closed, looked at, answered."""

from collections.abc import Sequence
from typing import Protocol, cast

import redis.asyncio

from services.common import keys
from services.common.case_rule import CaseRule, read_rule
from services.common.errors import NotFound
from services.common.messages import Outcome, decode_outcome, encode_outcome
from services.common.scripts import script
from services.gateway.job_registry import is_job_name, unknown_job
from services.gateway.redis_answers import redis_answers


class Cases(Protocol):
    """What the gateway needs to know of cases. Every method may raise Unavailable."""

    async def close(self, job: str, case_id: str = "") -> int:
        """Closes a case, or the job with all its cases; how many case results the job will have.

        Raises NotFound for an unknown job, and for a case none of whose images was accepted.
        """

    async def closed(self, job: str) -> list[str]:
        """The closed cases of a job that have no result yet."""

    async def positions(self, job: str, case_id: str) -> list[int]:
        """Where the outcomes of a closed case stand, by image_id; empty while any is missing."""

    async def outcomes(self, job: str, positions: Sequence[int]) -> list[Outcome]:
        """The outcomes at these positions."""

    async def rule(self, digest: str) -> CaseRule:
        """The rule of a model."""

    async def write(self, job: str, outcome: Outcome) -> None:
        """Writes a case's result, unless it has one."""


class RedisCases:
    """Cases on Redis; every method is one round trip."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._close = client.register_script(script("close"))
        self._outcomes = client.register_script(script("case_outcomes"))
        self._result = client.register_script(script("case_result"))
        self._rules: dict[str, CaseRule] = {}

    async def close(self, job: str, case_id: str = "") -> int:
        """See Cases."""
        if not is_job_name(job):
            raise unknown_job(job, "job")
        async with redis_answers():
            found, due = await self._close(args=[job, case_id])
        if found == b"NO_JOB":
            raise unknown_job(job, "job")
        if found == b"NO_CASE":
            raise NotFound(
                f"No micrograph of the case {case_id!r} was accepted into this job.",
                reason="CASE_NOT_FOUND",
                field="case_id",
            )
        return int(due)

    async def closed(self, job: str) -> list[str]:
        """See Cases."""
        async with redis_answers():
            answer = await self._client.smembers(keys.closed_cases(job))
        return sorted(member.decode() for member in cast("set[bytes]", answer))

    async def positions(self, job: str, case_id: str) -> list[int]:
        """See Cases."""
        async with redis_answers():
            return cast("list[int]", await self._outcomes(args=[job, case_id]))

    async def outcomes(self, job: str, positions: Sequence[int]) -> list[Outcome]:
        """See Cases."""
        async with redis_answers(), self._client.pipeline(transaction=False) as pipe:
            for position in positions:
                pipe.xrange(keys.results(job), f"{position}-0", f"{position}-0")
            answers = await pipe.execute()
        return [decode_outcome(entries[0][1][b"outcome"]) for entries in answers if entries]

    async def rule(self, digest: str) -> CaseRule:
        """See Cases. Asked for once."""
        if digest not in self._rules:
            async with redis_answers():
                manifest = await self._client.hget(keys.MODELS, digest)
            if manifest is None:
                return read_rule(None)
            self._rules[digest] = read_rule(manifest)
        return self._rules[digest]

    async def write(self, job: str, outcome: Outcome) -> None:
        """See Cases."""
        case_id = outcome.case.case_id if outcome.case else ""
        async with redis_answers():
            await self._result(args=[job, case_id, encode_outcome(outcome)])
