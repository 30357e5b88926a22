"""Ready is who has a worker that consumes, and only as long as it does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
import redis.asyncio
import redis.exceptions

from services.common.errors import BundleError
from services.common.worker_report import (
    REPORT_LIFETIME_SECONDS,
    ModelRole,
    ModelState,
    ModelStatus,
    WorkerReport,
    encode_report,
)
from services.gateway import readiness as module
from services.gateway.backlog import Backlog, Limits
from services.gateway.readiness import Readiness
from tests.waiting import until

NOW = 1_700_000_000


class ReportsRedis:
    """The clock and the reports in Redis."""

    def __init__(self) -> None:
        self.reports: dict[bytes, bytes] = {}
        self.away = False
        self.load: list[bytes | None] = [None, None]
        self.memory = {"maxmemory": 0, "used_memory": 1000}

    @contextlib.asynccontextmanager
    async def pipeline(self, **_: object) -> AsyncIterator["ReportsRedis"]:
        """Itself: commands are noted by their results."""
        yield self

    def time(self) -> None:
        """See redis.asyncio."""

    def hgetall(self, _: str) -> None:
        """See redis.asyncio."""

    def hmget(self, *_: str) -> None:
        """See redis.asyncio."""

    def exists(self, _: str) -> None:
        """See redis.asyncio."""

    def info(self, _: str) -> None:
        """See redis.asyncio."""

    async def execute(self) -> list[Any]:
        """The clock and the reports."""
        if self.away:
            raise redis.exceptions.ConnectionError("refused")
        return [(NOW, 500_000), dict(self.reports), self.load, self.memory, 0]

    async def hdel(self, _: str, *names: bytes) -> None:
        """See redis.asyncio."""
        for name in names:
            del self.reports[name]

    def add(self, name: str, age: float, *models: ModelState) -> None:
        """A report that was written so many seconds ago."""
        seen_at = NOW + 0.5 - age
        report = WorkerReport(name, "densa", "0.1.0", "sha256:0", "cpu", seen_at, models=models)
        self.reports[name.encode()] = encode_report(report)


class Watched:
    """A readiness that runs, and what it told the health service."""

    def __init__(self, reports: ReportsRedis) -> None:
        self.told: list[bool] = []
        self.as_decided: list[bool] = []
        self.backlog = Backlog(Limits(10, 1000))
        self.readiness = Readiness(cast("redis.asyncio.Redis", reports), self._tell, self.backlog)

    async def _tell(self, *, serving: bool, as_decided: bool) -> None:
        self.told.append(serving)
        self.as_decided.append(as_decided)

    async def again(self) -> None:
        """Waits until it has looked once more at what is there now."""
        seen = len(self.told)
        await until(lambda: len(self.told) > seen + 1)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Watched"]:
        """Its task."""
        task = asyncio.create_task(self.readiness.run())
        try:
            await self.again()
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.001)


async def test_without_a_worker_nothing_is_ready() -> None:
    async with Watched(ReportsRedis()).running() as watched:
        assert not watched.readiness.ready
        assert set(watched.told) == {False}


async def test_a_worker_that_reports_makes_ready() -> None:
    # Given
    reports = ReportsRedis()
    async with Watched(reports).running() as watched:
        # When
        reports.add("b", age=0)
        reports.add("a", age=REPORT_LIFETIME_SECONDS)
        await watched.again()

        # Then
        assert watched.readiness.ready
        assert watched.told[-1] is True
        assert [report.name for report in watched.readiness.workers] == ["a", "b"]


async def test_a_worker_that_fell_silent_counts_no_longer_and_is_forgotten() -> None:
    # Given
    reports = ReportsRedis()
    reports.add("a", age=0)
    async with Watched(reports).running() as watched:
        assert watched.readiness.ready

        # When
        reports.add("a", age=REPORT_LIFETIME_SECONDS + 0.1)
        await watched.again()

        # Then
        assert not watched.readiness.ready
        assert watched.told[-1] is False
        assert reports.reports == {}


async def test_a_report_of_another_version_counts_as_none() -> None:
    # Given
    reports = ReportsRedis()
    reports.reports[b"old"] = b'{"name": "old"}'
    reports.add("new", age=0)

    # When
    async with Watched(reports).running() as watched:
        # Then
        assert [report.name for report in watched.readiness.workers] == ["new"]


async def test_a_redis_that_is_away_is_not_ready_until_it_is_back() -> None:
    # Given
    reports = ReportsRedis()
    reports.add("a", age=0)
    async with Watched(reports).running() as watched:
        # When
        reports.away = True
        await watched.again()

        # Then
        assert not watched.readiness.ready
        assert watched.readiness.workers == []

        # When
        reports.away = False
        await watched.again()

        # Then
        assert watched.readiness.ready


async def test_a_worker_that_refuses_the_active_model_is_told_of_and_its_answers_count() -> None:
    # Given
    reports = ReportsRedis()
    refused = ModelState(ModelRole.ACTIVE, "densa", "0.2.0", ModelStatus.LOADING).refused(
        BundleError("It was damaged.")
    )
    reports.add("a", 0, refused)

    # When
    async with Watched(reports).running() as watched:
        # Then
        assert watched.readiness.ready
        assert watched.readiness.workers[0].problem == "It was damaged."
        assert not watched.as_decided[-1]

        # When
        reports.add("a", 0)
        await watched.again()

        # Then
        assert watched.as_decided[-1]
