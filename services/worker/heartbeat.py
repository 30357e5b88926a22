"""The worker's heartbeat: renews the leases of what is in hand, and sweeps.

A thread of its own, for neither may wait for a model that is busy or for a broker
that is away.
"""

import threading
import time
from collections.abc import Callable

import structlog

from services.common.errors import Unavailable
from services.common.sweeping import SWEEP_SECONDS, Swept
from services.common.wake_ups import WakeUpQueue
from services.worker.job_ledger import JobLedger
from services.worker.leases import LeasesInHand

log = structlog.get_logger()


class Heartbeat:
    """Beats from `start` to `stop`.

    Args:
        ledger: Where leases are renewed.
        leases: What is in hand.
        renew_seconds: How often.
        sweep: Asks for a sweep; raises Unavailable.
        queue: Where the wake-ups go that a sweep finds lacking.
        queued_again: Told how many images a sweep queued again.
    """

    def __init__(
        self,
        ledger: JobLedger,
        leases: LeasesInHand,
        renew_seconds: float,
        sweep: Callable[[], Swept],
        queue: WakeUpQueue,
        *,
        queued_again: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._ledger = ledger
        self._leases = leases
        self._sweep = sweep
        self._queue = queue
        self._queued_again = queued_again
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(seconds, act), name=name, daemon=True)
            for name, seconds, act in (
                ("renew", renew_seconds, self.renew),
                ("sweep", SWEEP_SECONDS, self.sweep),
            )
        ]

    def start(self) -> None:
        """Begins to beat."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Beats no more; returns when it is over."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def renew(self) -> None:
        """Renews the leases of what is in hand."""
        if images := self._leases.images:
            self._ledger.renew(images)

    def sweep(self) -> None:
        """Sweeps, and publishes the wake-ups that are lacking."""
        swept = self._sweep()
        self._queued_again(swept.queued_again)
        if swept.queued_again or swept.expired:
            log.info("swept", queued_again=swept.queued_again, expired_jobs=swept.expired)
        try:
            for _ in range(swept.wake_ups_lacking):
                self._queue.publish()
        except Exception as error:  # noqa: BLE001  # kombu's errors are many; the next sweep tries again
            log.warning("publish_failed", error=str(error))

    def _repeat(self, seconds: float, act: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                act()
            except Unavailable as error:
                log.warning("heartbeat_failed", error=error.message)
            self._stopping.wait(max(0.0, seconds - (time.monotonic() - began)))
