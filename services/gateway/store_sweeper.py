"""Removes pixels that nobody needs any more: of jobs that are gone or done.

They are left where a process was killed between two steps, where the store was away when
they should have gone, or where images are retained: then those of jobs that are done stay
for their time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import groupby, islice
from operator import itemgetter

import redis.asyncio
import structlog

from services.common import keys
from services.common.errors import DensaError
from services.common.image_store import ImageStore
from services.gateway.redis_answers import redis_answers

log = structlog.get_logger()

AT_ONCE = 1000
"""Names in hand at once: a store that retains images for years holds more than memory does."""


class StoreSweeper:
    """Looks through the image store. `run` it as one task."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        store: ImageStore,
        seconds: float,
        retain_seconds: float = 0.0,
    ) -> None:
        self._client = client
        self._store = store
        self._seconds = seconds
        self._retain_seconds = retain_seconds

    async def run(self) -> None:
        """Sweeps until cancelled."""
        while True:
            await asyncio.sleep(self._seconds)
            try:
                removed = await self.sweep()
            except DensaError as error:
                log.warning("store_sweep_failed", reason=error.reason)
            else:
                if removed:
                    log.info("store_swept", removed=removed)

    async def sweep(self) -> int:
        """One sweep; how many images it removed. Raises Unavailable."""
        async with redis_answers():
            if await self._client.exists(keys.HOLD):
                return 0
        if self._retain_seconds <= self._seconds:
            return await self._remove(self._seconds, self._is_done)
        gone = await self._remove(self._seconds, self._is_gone)
        return gone + await self._remove(self._retain_seconds, self._is_done)

    async def _remove(self, seconds: float, unneeded: Callable[[str], Awaitable[bool]]) -> int:
        """Removes images that are older, of jobs that need them no more; how many."""
        removed = 0
        names = self._store.older_than(seconds)
        while old := sorted(await asyncio.to_thread(lambda: list(islice(names, AT_ONCE)))):
            for job, images in groupby(old, key=itemgetter(0)):
                if not await unneeded(job):
                    continue
                for _, key in images:
                    await asyncio.to_thread(self._store.delete, key)
                    removed += 1
        return removed

    async def _is_gone(self, job: str) -> bool:
        async with redis_answers():
            return not await self._client.exists(keys.job(job))

    async def _is_done(self, job: str) -> bool:
        async with redis_answers():
            about = await self._client.hmget(
                keys.job(job), "accepted", "finished", "cases_due", "case_results"
            )
        accepted, finished, cases, case_results = (int(value or 0) for value in about)
        return accepted - cases == finished - case_results
