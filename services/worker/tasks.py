"""The one Celery task: a view on the handler. No logic here."""

from celery import Celery, Task

from services.common.errors import Unavailable
from services.common.messages import CLASSIFY_TASK, decode_batch
from services.worker.handler import Handler

RETRY_SECONDS = 1.0
"""How long a micro-batch waits while a part the worker needs is away."""


def register_tasks(app: Celery, handler: Handler) -> None:
    """Gives the application its task."""

    # Not shared: a task belongs to its application and its handler, not to every
    # application of the process.
    @app.task(name=CLASSIFY_TASK, bind=True, max_retries=None, shared=False)  # type: ignore[untyped-decorator]
    def classify(task: Task, images: object) -> None:
        batch = decode_batch(images)
        try:
            handler.handle(batch)
        except Unavailable as error:
            raise task.retry(exc=error, countdown=RETRY_SECONDS) from error
