"""A broker that was away for minutes is heard of within seconds of its return."""

from types import SimpleNamespace
from typing import Any, cast

from services.worker.consumer import LONGEST_PAUSE_SECONDS, PromptConsumer


def test_the_broker_is_tried_for_ever_and_never_more_than_two_seconds_apart() -> None:
    # Given: Celery's own pauses grow to 30 s
    tried: dict[str, Any] = {}
    connection = SimpleNamespace(ensure_connection=lambda _, **how: tried.update(how))

    # When
    PromptConsumer.ensure_connected(cast("PromptConsumer", SimpleNamespace()), connection)

    # Then
    assert tried["max_retries"] is None
    assert tried["interval_start"] + tried["interval_step"] <= LONGEST_PAUSE_SECONDS
    assert tried["interval_max"] == LONGEST_PAUSE_SECONDS == 2.0
