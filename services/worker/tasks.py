"""The one Celery task: a view on the work loop. No logic here."""

from celery import Celery

from services.common.messages import CLASSIFY_TASK, check_wake_up
from services.worker.work_loop import WorkLoop


def register_tasks(app: Celery, work: WorkLoop) -> None:
    """Gives the application its task."""

    # Not shared: a task belongs to its application and its work loop, not to every
    # application of the process.
    @app.task(name=CLASSIFY_TASK, shared=False)  # type: ignore[untyped-decorator]
    def classify(wake_up: object) -> None:
        check_wake_up(wake_up)
        work.run()
