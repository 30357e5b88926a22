"""What changes by itself, shown as gauges: readiness, caps, Redis's memory, the image store."""

import asyncio
from math import nan

import structlog

from services.common.errors import DensaError
from services.common.image_store import ImageStore
from services.common.metrics import GatewayMetrics
from services.gateway.backlog import Backlog
from services.gateway.readiness import Readiness

log = structlog.get_logger()

SHOW_SECONDS = 1.0
"""How often readiness and caps are shown."""


class Gauges:
    """Shows what changes by itself. `run` it as one task."""

    def __init__(
        self, metrics: GatewayMetrics, readiness: Readiness, backlog: Backlog, store: ImageStore
    ) -> None:
        self._metrics = metrics
        self._readiness = readiness
        self._backlog = backlog
        self._store = store
        self.store_disk: tuple[int, int] | None = None
        """Bytes in use on the store's disk, and its size; None before the first look,
        and where it has none."""
        metrics.limit_images.set(backlog.limits.images)
        metrics.limit_bytes.set(backlog.limits.bytes)

    async def run(self) -> None:
        """Shows until cancelled."""
        counting = asyncio.create_task(self._count())
        try:
            while True:
                self._show()
                await asyncio.sleep(SHOW_SECONDS)
        finally:
            counting.cancel()

    def _show(self) -> None:
        metrics, backlog = self._metrics, self._backlog
        metrics.ready.set(self._readiness.ready)
        metrics.workers.set(len(self._readiness.workers))
        metrics.throughput.set(backlog.images_per_second)
        metrics.redis_memory.set(backlog.memory_bytes)
        metrics.redis_memory_limit.set(backlog.memory_limit_bytes)

    async def _count(self) -> None:
        while True:
            try:
                use = await asyncio.to_thread(self._store.use)
            except DensaError as error:
                log.warning("store_not_counted", reason=error.reason)
            else:
                self._metrics.store_images.set(use.images)
                self._metrics.store_bytes.set(use.bytes)
                free, size = use.disk or (nan, nan)  # where there is no disk none becomes full
                self._metrics.store_free.set(free)
                self._metrics.store_size.set(size)
                self.store_disk = (use.disk[1] - use.disk[0], use.disk[1]) if use.disk else None
            await asyncio.sleep(self._store.count_seconds)
