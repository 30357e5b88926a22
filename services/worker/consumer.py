"""Celery's consumer, with a patience of its own for a broker that is away."""

from typing import Any

import structlog
from celery.worker import state
from celery.worker.consumer import Consumer

log = structlog.get_logger()

FIRST_PAUSE_SECONDS, PAUSE_STEP_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 0.3, 2.0
"""Celery's own pauses grow to 30 s, in which a worker does not hear that Redis is back."""


class PromptConsumer(Consumer):  # type: ignore[misc]
    """Connects again within two seconds of the broker's return."""

    def ensure_connected(self, conn: Any) -> Any:
        """See celery."""
        return conn.ensure_connection(
            _say,
            max_retries=None,
            interval_start=FIRST_PAUSE_SECONDS,
            interval_step=PAUSE_STEP_SECONDS,
            interval_max=LONGEST_PAUSE_SECONDS,
            callback=state.maybe_shutdown,
        )


def _say(error: Exception, seconds: float) -> None:
    log.warning("broker_away", error=str(error), again_in_seconds=seconds)
