"""Wakes workers: publishes a wake-up when images were registered and none waits in the queue.

Under load a wake-up waits all the time and nothing is published per image. One
that is lost costs at most a second: the sweep finds work that nobody was woken for.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog

from services.common.wake_ups import WakeUpQueue

log = structlog.get_logger()

FIRST_RETRY_SECONDS = 0.1
LAST_RETRY_SECONDS = 2.0


class Waker:
    """Publishes wake-ups. `run` it as one task."""

    def __init__(self, queue: WakeUpQueue) -> None:
        self._queue = queue
        self._wanted = 0
        self._asked = asyncio.Event()
        # One thread, off the event loop, for Celery knows no asyncio.
        self._publisher = ThreadPoolExecutor(1, thread_name_prefix="publish")

    def wake(self, wake_ups: int = 1) -> None:
        """Asks for wake-ups from now on; what is asked for at the same time is asked for once."""
        self._wanted = max(self._wanted, wake_ups)
        self._asked.set()

    async def run(self) -> None:
        """Publishes until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            wanted, self._wanted = self._wanted, 0
            for _ in range(wanted):
                await self._publish()

    def close(self) -> None:
        """Ends the thread."""
        self._publisher.shutdown(wait=True)

    async def _publish(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                await loop.run_in_executor(self._publisher, self._queue.publish)
            except Exception as error:  # noqa: BLE001  # kombu's errors are many; all mean: again
                log.warning("publish_failed", error=str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LAST_RETRY_SECONDS)
            else:
                return
