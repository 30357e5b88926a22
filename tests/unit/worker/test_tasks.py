"""The task is a view on the work loop: check the word, and run."""

from typing import Any

import pytest

from services.common.celery_app import make_celery
from services.common.errors import InternalError
from services.common.messages import CLASSIFY_TASK, WAKE_UP
from services.common.settings import QueueSettings, RedisSettings
from services.worker.tasks import register_tasks


class NotingLoop:
    """Notes its runs."""

    def __init__(self) -> None:
        self.runs = 0

    def run(self) -> None:
        """See WorkLoop."""
        self.runs += 1


def _task(work: NotingLoop) -> Any:
    app = make_celery(RedisSettings(), QueueSettings())
    register_tasks(app, work)  # type: ignore[arg-type]
    return app.tasks[CLASSIFY_TASK]


def test_the_task_that_is_sent_by_name_runs_the_work_loop() -> None:
    # Given
    work = NotingLoop()

    # When
    _task(work)(WAKE_UP)

    # Then
    assert work.runs == 1


def test_a_message_that_is_no_wake_up_is_a_bug_and_runs_nothing() -> None:
    # Given
    work = NotingLoop()

    # When
    with pytest.raises(InternalError):
        _task(work)("garbage")

    # Then
    assert work.runs == 0
