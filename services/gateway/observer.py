"""What is recorded of images on their way in and of results on their way out."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.common.errors import DensaError
from services.common.metrics import REASONS, GatewayMetrics, bounded


class GatewayObserver:
    """Told by the intake and by the streams; safe to call from several threads."""

    def __init__(self, metrics: GatewayMetrics | None = None) -> None:
        self._metrics = metrics or GatewayMetrics()
        self._store_seconds = self._metrics.stage_seconds.labels("store")

    def kept(self, seconds: float) -> None:
        """The image store took an image."""
        self._store_seconds.observe(seconds)

    def accepted(self, size: int) -> None:
        """An image of so many bytes is in its lane."""
        self._metrics.accepted.inc()
        self._metrics.accepted_bytes.inc(size)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Counts the error that ends the context as one of an image that was not taken."""
        try:
            yield
        except DensaError as error:
            self._metrics.refused.labels(bounded(error.reason, REASONS)).inc()
            raise
