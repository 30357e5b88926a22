"""The task is a view on the handler: decode, call, try again where that helps."""

from collections.abc import Sequence
from typing import Any

import celery.exceptions
import pytest

from services.common.celery_app import make_celery
from services.common.errors import InternalError, Unavailable
from services.common.messages import CLASSIFY_TASK, ImageRef
from services.common.settings import QueueSettings, RedisSettings
from services.worker.tasks import register_tasks


class NotingHandler:
    """Notes its batches."""

    def __init__(self) -> None:
        self.batches: list[Sequence[ImageRef]] = []
        self.error: Exception | None = None

    def handle(self, images: Sequence[ImageRef]) -> None:
        """See Handler."""
        self.batches.append(images)
        if self.error is not None:
            raise self.error


def _task(handler: NotingHandler) -> Any:
    app = make_celery(RedisSettings(), QueueSettings())
    register_tasks(app, handler)  # type: ignore[arg-type]
    return app.tasks[CLASSIFY_TASK]


def test_the_task_that_the_gateway_names_hands_its_images_to_the_handler() -> None:
    # Given
    handler = NotingHandler()

    # When
    _task(handler)([["j", "a"], ["j", "b"]])

    # Then
    assert handler.batches == [[ImageRef("j", "a"), ImageRef("j", "b")]]


def test_a_message_that_is_no_batch_is_a_bug_and_reaches_no_handler() -> None:
    # Given
    handler = NotingHandler()

    # When
    with pytest.raises(InternalError):
        _task(handler)("garbage")

    # Then
    assert handler.batches == []


def test_a_batch_is_tried_again_for_as_long_as_a_part_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    handler = NotingHandler()
    handler.error = Unavailable("The image store cannot be reached.")
    task = _task(handler)
    retried: list[dict[str, Any]] = []

    def retry(**options: Any) -> Any:
        retried.append(options)
        return celery.exceptions.Retry()

    monkeypatch.setattr(task, "retry", retry)

    # When
    with pytest.raises(celery.exceptions.Retry):
        task([["j", "a"]])

    # Then
    assert retried[0]["countdown"] > 0
    assert task.max_retries is None


def test_a_bug_is_not_tried_again() -> None:
    # Given
    handler = NotingHandler()
    handler.error = ValueError("a bug")

    # Then
    with pytest.raises(ValueError, match="a bug"):
        _task(handler)([["j", "a"]])
    assert len(handler.batches) == 1
