"""What changes by itself, shown as gauges: readiness, caps, Redis's memory, the image store."""

import asyncio
import os
from pathlib import Path

import structlog

from services.common.metrics import GatewayMetrics
from services.gateway.backlog import Backlog
from services.gateway.readiness import Readiness

log = structlog.get_logger()

SHOW_SECONDS = 1.0
"""How often readiness and caps are shown."""

STORE_SECONDS = 60.0
"""How often the store's files are counted: a walk through its directories."""


class Gauges:
    """Shows what changes by itself. `run` it as one task."""

    def __init__(
        self, metrics: GatewayMetrics, readiness: Readiness, backlog: Backlog, store: Path | None
    ) -> None:
        """`store`: the image store's directory; None where it is none."""
        self._metrics = metrics
        self._readiness = readiness
        self._backlog = backlog
        self._store = store
        self.store_disk: tuple[int, int] | None = None
        """Bytes in use on the store's disk, and its size; None before the first look."""
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
        while self._store is not None:
            try:
                images, size, free, disk = await asyncio.to_thread(store_use, self._store)
            except OSError as error:
                log.warning("store_not_counted", error=error.strerror)
            else:
                self.store_disk = (disk - free, disk)
                self._metrics.store_images.set(images)
                self._metrics.store_bytes.set(size)
                self._metrics.store_free.set(free)
                self._metrics.store_size.set(disk)
            await asyncio.sleep(STORE_SECONDS)


def store_use(root: Path) -> tuple[int, int, int, int]:
    """Files and bytes below a directory of directories; free bytes and size of its disk.

    Raises OSError where it cannot be read.
    """
    images = size = 0
    with os.scandir(root) as shards:
        for shard in shards:
            if not shard.is_dir():
                continue
            with os.scandir(shard) as files:
                for file in files:
                    try:
                        size += file.stat().st_size
                    except FileNotFoundError:  # its result was written meanwhile
                        continue
                    images += 1
    disk = os.statvfs(root)
    return images, size, disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
