"""What is tried again, and what is not."""

import pytest
import redis.exceptions

from services.worker import patience
from services.worker.patience import patiently


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(patience, "TRIES", 3)


@pytest.mark.parametrize(
    "error",
    [
        redis.exceptions.ConnectionError("refused"),
        redis.exceptions.TimeoutError("slow"),
        redis.exceptions.ResponseError("Error running script: -READONLY You can't write"),
        redis.exceptions.ResponseError("NOREPLICAS Not enough good replicas to write."),
    ],
)
def test_a_redis_that_is_on_its_way_is_waited_for_and_not_for_ever(error: Exception) -> None:
    # Given
    errors = [error, error]

    def act() -> str:
        if errors:
            raise errors.pop()
        return "written"

    # Then
    assert patiently(act) == "written"

    # And
    errors = [error] * 3
    with pytest.raises(type(error)):
        patiently(act)


def test_a_mistake_is_not_tried_again() -> None:
    # Given
    tries = []

    def act() -> None:
        tries.append(1)
        raise redis.exceptions.ResponseError("wrong number of arguments")

    # Then
    with pytest.raises(redis.exceptions.ResponseError):
        patiently(act)
    assert tries == [1]
