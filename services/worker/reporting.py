"""Reports that this worker consumes, from the very loop that consumes.

A Celery bootstep: its timer is run by the consumer's event loop, after the
connection to the broker is up, and stops with it. A worker that lost its
connection or whose loop hangs falls silent, and gateways stop counting on it.
"""

from collections.abc import Callable
from typing import Any

import redis
import structlog
from celery import bootsteps

from services.common import keys
from services.common.sign_of_life import SignOfLife
from services.common.worker_report import REPORT_INTERVAL_SECONDS, WorkerReport, encode_report

log = structlog.get_logger()


class Reporter:
    """Writes this worker's reports and its model's manifest into Redis."""

    def __init__(
        self,
        client: redis.Redis,
        name: str,
        make_report: Callable[[float], tuple[WorkerReport, str]],
        sign: SignOfLife | None = None,
    ) -> None:
        """`make_report` gives the report of worker `name` at a time, and its model's manifest."""
        self._sign = sign or SignOfLife()
        self._client = client
        self._name = name
        self._make_report = make_report

    def report(self) -> None:
        """One report. A Redis that is away is logged: the silence is the message.

        Raises redis.ConnectionError, for whoever consumes to connect anew.
        """
        try:
            seconds, microseconds = self._client.time()
            report, manifest = self._make_report(seconds + microseconds / 1e6)
            with self._client.pipeline(transaction=False) as pipe:
                pipe.hset(keys.MODELS, report.model_digest, manifest)
                pipe.hset(keys.WORKERS, report.name, encode_report(report))
                pipe.execute()
            self._sign.give()
        except redis.RedisError as error:
            log.warning("report_failed", error=str(error))
            if isinstance(error, redis.ConnectionError):
                raise

    def withdraw(self) -> None:
        """Says goodbye, so that readiness does not wait for the report to age."""
        self._sign.withdraw()
        try:
            self._client.hdel(keys.WORKERS, self._name)
        except redis.RedisError as error:
            log.warning("report_failed", error=str(error))


def reporting_step(reporter: Reporter) -> type:
    """The bootstep that reports while the consumer consumes."""

    class ReportingStep(bootsteps.StartStopStep):  # type: ignore[misc]
        """Starts after the task consumer, stops before it."""

        requires = ("celery.worker.consumer.tasks:Tasks",)

        def __init__(self, consumer: Any, **kwargs: Any) -> None:
            super().__init__(consumer, **kwargs)
            self._timer: Any = None

        def start(self, consumer: Any) -> None:
            reporter.report()
            # While all threads are busy Celery waits for no message and sees no connection break;
            # each acknowledgement that fails then costs a thread. A report that raises out of
            # the timer makes it connect anew, with all its threads.
            self._timer = consumer.timer.call_repeatedly(REPORT_INTERVAL_SECONDS, reporter.report)

        def stop(self, _: Any) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            reporter.withdraw()

    return ReportingStep
