"""Wake-ups on Celery: the word that there is work, sent by the task's name alone."""

from typing import Protocol

from services.common.celery_app import make_celery
from services.common.errors import Unavailable
from services.common.messages import CLASSIFY_TASK, WAKE_UP
from services.common.settings import QueueSettings, RedisSettings


class WakeUpQueue(Protocol):
    """Where wake-ups go."""

    def publish(self) -> None:
        """Queues one. Blocks; raises OSError or the broker's error when it cannot."""


class CeleryWakeUpQueue:
    """See WakeUpQueue."""

    def __init__(self, redis: RedisSettings, queue: QueueSettings) -> None:
        """Raises Unavailable where a package is missing that publishing needs."""
        self._app = make_celery(redis, queue)
        try:
            # Celery would load it at each publish, and fail at each, long after Accepted.
            self._app.connection_for_write().get_transport_cls()
        except ImportError as error:
            raise Unavailable(
                f"Celery cannot speak to Redis: {error}. Install the packages of the lock.",
                reason="QUEUE_UNAVAILABLE",
            ) from error
        # kombu's own pauses grow to seconds; whoever publishes tries again sooner.
        self._app.conf.broker_transport_options = {
            **self._app.conf.broker_transport_options,
            **dict.fromkeys(("interval_start", "interval_step", "interval_max"), 0),
            "max_retries": 1,
        }
        self._queue_name = queue.name

    def publish(self) -> None:
        """See WakeUpQueue. Gives up soon."""
        self._app.send_task(CLASSIFY_TASK, args=[WAKE_UP], queue=self._queue_name, retry=False)

    def close(self) -> None:
        """Lets go of its connections."""
        self._app.close()
