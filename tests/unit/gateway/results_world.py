"""A job with results, a reader of them, and what tells of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from services.gateway.result_reader import ResultReader, Watch
from tests.fakes.jobs import MemoryJob, MemoryJobs
from tests.fakes.results_redis import FakeResultsRedis
from tests.waiting import settled

JOB = "j"


class ResultsWorld:
    """One job, its result stream, and a reader on it."""

    def __init__(self) -> None:
        self.state = MemoryJobs(jobs={JOB: MemoryJob()})
        self.redis = FakeResultsRedis(self.state)
        self.reader = ResultReader(self.redis.as_client())

    @property
    def results(self) -> list[bytes]:
        """The job's result stream."""
        return self.state.jobs[JOB].results

    def write(self, count: int = 1) -> None:
        """Writes results and announces them."""
        for _ in range(count):
            text = b"result %d" % (len(self.results) + 1)
            self.results.append(text)
            for listener in self.state.listeners:
                listener(JOB, len(self.results), text)

    def watch(self, position: int = 0) -> Watch:
        """A watch of its own, without a reader."""
        return Watch(self.redis.as_client(), JOB, position)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The reader's task."""
        task = asyncio.create_task(self.reader.run())
        await settled()
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def take(watch: Watch, count: int) -> list[tuple[int, bytes]]:
    """The next results of a watch."""
    async with asyncio.timeout(5):
        return [await anext(watch) for _ in range(count)]


def expected(first: int, last: int) -> list[tuple[int, bytes]]:
    """The results at these positions."""
    return [(position, b"result %d" % position) for position in range(first, last + 1)]
