"""Whether results can be expected: which workers consume, with which model.

Workers report from the loop that consumes from the queue. This task reads the
reports twice a second, with the backlog, and sets the standard health service.
Not ready means: no fresh report, or Redis does not answer.
"""

import asyncio
from collections.abc import Set as AbstractSet
from typing import Protocol, cast

import pydantic
import redis.asyncio
import redis.exceptions
import structlog

from services.common import keys
from services.common.sign_of_life import SignOfLife
from services.common.worker_report import (
    REPORT_LIFETIME_SECONDS,
    WorkerReport,
    decode_report,
)
from services.gateway.backlog import Backlog
from services.gateway.redis_answers import ANSWER_SECONDS

log = structlog.get_logger()

POLL_SECONDS = 0.5
"""How often the reports are read."""

MEMORY_SHARE = 0.9
"""Of Redis's memory limit: above it nothing is accepted, so that there is room for the results
of what was, and for Celery."""


class SetServing(Protocol):
    """Tells the health service."""

    async def __call__(self, *, serving: bool, as_decided: bool) -> None:
        """Sets whether this gateway serves, and whether with the model that was activated."""


class Readiness:
    """The workers that serve now. `run` it as one task."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        set_serving: SetServing,
        backlog: Backlog,
        sign: SignOfLife | None = None,
    ) -> None:
        self._sign = sign or SignOfLife()
        self._client = client
        self._backlog = backlog
        self._set_serving = set_serving
        self.ready = False
        self.workers: list[WorkerReport] = []
        self.holding = False
        """Whether no image is to be let go of: a backup is being taken."""
        self._problems: AbstractSet[str] = frozenset()

    async def run(self) -> None:
        """Reads reports until cancelled."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self.workers = await self._read()
            except (redis.exceptions.RedisError, OSError) as error:
                if self.ready:
                    log.warning("readiness_lost", error=str(error))
                self.workers = []
            ready = bool(self.workers)
            if ready != self.ready:
                log.info("readiness_changed", ready=ready, workers=len(self.workers))
            self.ready = ready
            problems = {worker.name: worker.problem for worker in self.workers if worker.problem}
            if problems.keys() != self._problems:
                self._problems = problems.keys()
                log.error("workers_without_the_active_model", problems=problems)
            await self._set_serving(serving=ready, as_decided=not problems)
            (self._sign.give if ready else self._sign.withdraw)()
            await asyncio.sleep(POLL_SECONDS)

    async def manifest(self, digest: str) -> bytes | None:
        """The manifest of a model as its workers wrote it, or None."""
        return cast("bytes | None", await self._client.hget(keys.MODELS, digest))

    async def _read(self) -> list[WorkerReport]:
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.hgetall(keys.WORKERS)
            pipe.hmget(keys.LOAD, "images", "bytes")
            pipe.info("memory")
            pipe.exists(keys.HOLD)
            (seconds, microseconds), reports, load, memory, held = await pipe.execute()
        self.holding = bool(held)
        now = seconds + microseconds / 1e6
        fresh, stale = [], []
        for name, text in reports.items():
            try:
                report = decode_report(text)
            except pydantic.ValidationError:
                stale.append(name)  # of a version that reported otherwise
                continue
            if now - report.seen_at <= REPORT_LIFETIME_SECONDS:
                fresh.append(report)
            else:
                stale.append(name)
        if stale:
            await self._client.hdel(keys.WORKERS, *stale)
        most = memory.get("maxmemory", 0)
        self._backlog.memory_bytes, self._backlog.memory_limit_bytes = memory["used_memory"], most
        self._backlog.poll(
            int(load[0] or 0),
            int(load[1] or 0),
            sum(report.images_per_second for report in fresh),
            memory_full=most > 0 and memory["used_memory"] > MEMORY_SHARE * most,
        )
        return sorted(fresh, key=lambda report: report.name)
