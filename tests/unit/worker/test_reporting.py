"""A worker reports while it consumes, and says goodbye."""

import contextlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from services.common import keys
from services.common.worker_report import REPORT_INTERVAL_SECONDS, WorkerReport, decode_report
from services.worker.reporting import Reporter, reporting_step


class HashRedis:
    """A clock and hashes."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[str, Any]] = {keys.MODELS: {}, keys.WORKERS: {}}
        self.seconds = 1_700_000_000
        self.away = False

    def time(self) -> tuple[int, int]:
        """See redis."""
        self._check()
        return self.seconds, 500_000

    @contextlib.contextmanager
    def pipeline(self, **_: object) -> Iterator["HashRedis"]:
        """Itself."""
        yield self

    def hset(self, name: str, key: str, value: object) -> None:
        """See redis."""
        self.hashes[name][key] = value

    def hdel(self, name: str, key: str) -> None:
        """See redis."""
        self._check()
        self.hashes[name].pop(key, None)

    def execute(self) -> None:
        """See redis."""

    def _check(self) -> None:
        if self.away:
            raise redis.ConnectionError("refused")


class Timer:
    """The consumer's timer: calls when the test says so."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, Callable[[], None]]] = []

    def call_repeatedly(self, seconds: float, call: Callable[[], None]) -> SimpleNamespace:
        """See kombu."""
        self.calls.append((seconds, call))
        return SimpleNamespace(cancel=self.calls.clear)


def _reporter(client: HashRedis) -> Reporter:
    def report(now: float) -> tuple[WorkerReport, str]:
        return WorkerReport("w", "densa", "0.1.0", "sha256:0", "cpu", now), '{"name": "densa"}'

    return Reporter(client, "w", report)  # type: ignore[arg-type]


def test_a_report_says_the_worker_by_the_clock_of_redis_and_its_models_manifest() -> None:
    # Given
    client = HashRedis()

    # When
    _reporter(client).report()

    # Then
    report = decode_report(client.hashes[keys.WORKERS]["w"])
    assert (report.name, report.seen_at) == ("w", 1_700_000_000.5)
    assert client.hashes[keys.MODELS] == {"sha256:0": '{"name": "densa"}'}


def test_a_worker_that_withdraws_is_gone_at_once() -> None:
    # Given
    client = HashRedis()
    reporter = _reporter(client)
    reporter.report()

    # When
    reporter.withdraw()

    # Then
    assert client.hashes[keys.WORKERS] == {}


def test_a_redis_that_is_away_is_raised_to_connect_anew_and_a_goodbye_is_not() -> None:
    # Given
    client = HashRedis()
    client.away = True
    reporter = _reporter(client)

    # When
    with pytest.raises(redis.ConnectionError):
        reporter.report()
    reporter.withdraw()

    # Then
    assert client.hashes[keys.WORKERS] == {}


def test_the_loop_that_consumes_reports_at_once_then_by_its_timer_and_withdraws_at_the_end() -> (
    None
):
    # Given
    client = HashRedis()
    consumer = SimpleNamespace(timer=Timer())
    step = reporting_step(_reporter(client))(consumer)

    # When
    step.start(consumer)

    # Then
    assert "w" in client.hashes[keys.WORKERS]
    ((seconds, report),) = consumer.timer.calls
    assert seconds == REPORT_INTERVAL_SECONDS

    # When
    client.seconds += 1
    report()

    # Then
    assert decode_report(client.hashes[keys.WORKERS]["w"]).seen_at == 1_700_000_001.5

    # When
    step.stop(consumer)

    # Then
    assert consumer.timer.calls == []
    assert client.hashes[keys.WORKERS] == {}


def test_the_step_begins_when_the_consumer_consumes() -> None:
    assert reporting_step(_reporter(HashRedis())).requires == (  # type: ignore[attr-defined]
        "celery.worker.consumer.tasks:Tasks",
    )
