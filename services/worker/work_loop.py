"""What a thread does when it is woken: claims and works until nothing waits.

Redis holds the truth about what waits; the wake-up that led here said only that
something does.
"""

import threading
import time
from typing import Protocol

import structlog

from services.common.errors import Unavailable
from services.worker.exclusivity import Exclusivity
from services.worker.job_ledger import Claim, ClaimState, JobLedger
from services.worker.leases import LeasesInHand
from services.worker.rate import Rate

log = structlog.get_logger()

RETRY_SECONDS = 0.5
"""Pause while a part that the worker needs is away."""

LINGER_SECONDS = 0.5
"""How long a thread that finds nothing waits for more before it goes back to Celery. Images that
come one after another then find it at once, and cost no message."""


class Handles(Protocol):
    """Works on micro-batches."""

    def handle(self, claim: Claim) -> None:
        """Gives each claimed image its outcome. Raises Unavailable where a part is away."""
        ...


class WorkLoop:
    """Claims micro-batches and hands them to the handler. `run` it from any thread."""

    def __init__(
        self, ledger: JobLedger, handler: Handles, leases: LeasesInHand, rate: Rate
    ) -> None:
        self._ledger = ledger
        self._handler = handler
        self._leases = leases
        self._rate = rate
        self._turns = Exclusivity()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Lets each thread finish what it has in hand and claim no more."""
        self._stopping.set()

    def run(self) -> None:
        """Works until nothing waits and nothing comes for a while, or `stop`."""
        exclusive = False
        while not self._stopping.is_set():
            try:
                with self._turns.turn(exclusive=exclusive):
                    claim = self._ledger.claim(exclusive=exclusive)
                    self._work(claim)
            except Unavailable as error:
                log.warning("work_waits", reason=error.reason, error=error.message)
                self._stopping.wait(RETRY_SECONDS)
                continue
            if claim.state is ClaimState.EMPTY and not self._more_comes():
                return
            exclusive = claim.state is ClaimState.SUSPECT

    def _more_comes(self) -> bool:
        try:
            return not self._stopping.is_set() and self._ledger.linger(LINGER_SECONDS)
        except Unavailable:  # Celery brings the thread back
            return False

    def _work(self, claim: Claim) -> None:
        """Raises Unavailable where a part is away; the images wait again then.

        Any other error is a bug: the leases run out, so that the images are tried
        again one by one, and not for ever.
        """
        if not claim.images:
            return
        images = [claimed.image for claimed in claim.images]
        began = time.monotonic()
        with self._leases.holding(images):
            try:
                self._handler.handle(claim)
            except Unavailable:
                self._ledger.release(images)
                raise
            except Exception:
                log.exception("micro_batch_failed", images=len(images))
            else:
                self._rate.finished(len(images), time.monotonic() - began)
