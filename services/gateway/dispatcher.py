"""Packs accepted images into micro-batches, one Celery task each.

With idle workers an image goes at once, alone. While tasks wait in the queue,
images gather: up to `batch_size`, at most `batch_wait_seconds`. So a lone image
is fast, and under load the cost of a task is shared.
"""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from services.common.messages import ImageRef
from services.gateway.settings import GatewaySettings

log = structlog.get_logger()

FIRST_RETRY_SECONDS = 0.1
LAST_RETRY_SECONDS = 2.0


class TaskQueue(Protocol):
    """Where micro-batches go."""

    def publish(self, images: list[ImageRef]) -> None:
        """Queues one task. Blocks; raises OSError or the broker's error when it cannot."""


class Dispatcher:
    """Takes accepted images and publishes them. `run` it as one task."""

    def __init__(self, queue: TaskQueue, settings: GatewaySettings) -> None:
        self._queue = queue
        self._batch_size = settings.batch_size
        self._batch_wait = settings.batch_wait_seconds
        self._pending: list[ImageRef] = []
        self._urgent = False
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        # One thread: publishing in order, and off the event loop, for Celery knows no asyncio.
        self._publisher = ThreadPoolExecutor(1, thread_name_prefix="publish")

    @property
    def pending(self) -> int:
        """Accepted images that are not in the queue yet."""
        return len(self._pending)

    def submit(self, image: ImageRef, *, waiting_tasks: int) -> None:
        """Takes an image. `waiting_tasks` is the queue's length when it was registered."""
        self._pending.append(image)
        if waiting_tasks == 0:
            self._urgent = True
        if self._urgent or len(self._pending) >= self._batch_size:
            self._full.set()
        self._arrived.set()

    async def run(self) -> None:
        """Publishes until cancelled."""
        while True:
            await self._arrived.wait()
            if not self._full.is_set():
                with contextlib.suppress(TimeoutError):
                    # Not wait_for: Python 3.11's can swallow a cancellation.
                    async with asyncio.timeout(self._batch_wait):
                        await self._full.wait()
            batch = self._pending[: self._batch_size]
            del self._pending[: self._batch_size]
            self._urgent = False
            if len(self._pending) < self._batch_size:
                self._full.clear()
            if not self._pending:
                self._arrived.clear()
            await self._publish(batch)

    async def drain(self) -> None:
        """Publishes what is pending; for a graceful stop, after `run` was cancelled."""
        while self._pending:
            batch = self._pending[: self._batch_size]
            del self._pending[: self._batch_size]
            await self._publish(batch)
        self._publisher.shutdown(wait=True)

    async def _publish(self, batch: list[ImageRef]) -> None:
        """Publishes a micro-batch, however long the broker is away: its images are accepted."""
        loop = asyncio.get_running_loop()
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                await loop.run_in_executor(self._publisher, self._queue.publish, batch)
            except asyncio.CancelledError:
                self._pending[:0] = batch
                raise
            except Exception as error:  # noqa: BLE001  # kombu's errors are many; all mean: again
                log.warning("publish_failed", images=len(batch), error=str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LAST_RETRY_SECONDS)
            else:
                return
