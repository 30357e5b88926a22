"""The task queue on Celery: the gateway reaches the worker by the task's name alone."""

from celery import Celery

from services.common.messages import CLASSIFY_TASK, ImageRef, encode_batch


class CeleryTaskQueue:
    """See dispatcher.TaskQueue."""

    def __init__(self, app: Celery, queue_name: str) -> None:
        # kombu's own pauses grow to seconds; the dispatcher tries again sooner.
        app.conf.broker_transport_options = {
            **app.conf.broker_transport_options,
            **dict.fromkeys(("interval_start", "interval_step", "interval_max"), 0),
            "max_retries": 1,
        }
        self._app = app
        self._queue_name = queue_name

    def publish(self, images: list[ImageRef]) -> None:
        """See dispatcher.TaskQueue. Gives up soon: the dispatcher tries again."""
        self._app.send_task(
            CLASSIFY_TASK, args=[encode_batch(images)], queue=self._queue_name, retry=False
        )
