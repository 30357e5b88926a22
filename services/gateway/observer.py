"""What is recorded of images on their way in and of results on their way out."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from services.common.errors import DensaError
from services.common.logging import image_tag
from services.common.messages import Outcome
from services.common.metrics import REASONS, GatewayMetrics, bounded
from services.common.tracing import Tracing, current, trace_id

log = structlog.get_logger()


class GatewayObserver:
    """Told by the intake and by the streams; safe to call from several threads."""

    def __init__(
        self, metrics: GatewayMetrics | None = None, tracing: Tracing | None = None
    ) -> None:
        self._metrics = metrics or GatewayMetrics()
        self._tracing = tracing
        self._store_seconds = self._metrics.stage_seconds.labels("store")

    @contextmanager
    def taking(self, job: str) -> Iterator[str]:
        """While an image is kept and registered; gives the traceparent for its record."""
        if self._tracing is None:
            yield ""
            return
        with self._tracing.span("accept", current.get(), job=job) as traceparent:
            yield traceparent

    def kept(self, seconds: float, traceparent: str) -> None:
        """The image store took an image."""
        if self._tracing is None or not traceparent:
            self._store_seconds.observe(seconds)
        else:
            self._store_seconds.observe(seconds, {"trace_id": trace_id(traceparent)})
            self._tracing.record("store", traceparent, seconds)

    def accepted(self, job: str, digest: str, size: int, traceparent: str) -> None:
        """An image of so many bytes is in its lane."""
        self._metrics.accepted.inc()
        self._metrics.accepted_bytes.inc(size)
        log.debug(
            "image_accepted", job=job, image=image_tag(digest), trace=trace_id(traceparent) or None
        )

    def delivering(self, outcome: Outcome) -> None:
        """A result goes out to its client."""
        if self._tracing is not None and outcome.traceparent:
            self._tracing.record("deliver", outcome.traceparent, 0.0)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Counts the error that ends the context as one of an image that was not taken."""
        try:
            yield
        except DensaError as error:
            self._metrics.refused.labels(bounded(error.reason, REASONS)).inc()
            raise
