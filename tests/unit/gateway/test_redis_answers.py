"""What Redis says of itself, in the words of each of its versions."""

import pytest
import redis.exceptions

from services.common.errors import DensaError, Overloaded, Unavailable
from services.gateway.redis_answers import redis_answers

OF_REDIS_7 = redis.exceptions.OutOfMemoryError(
    "command not allowed when used memory > 'maxmemory'."
)
OF_REDIS_6 = redis.exceptions.ResponseError(
    "Error running script (call to f_21fd): @user_script:126: @user_script: 126: "
    "-OOM command not allowed when used memory > 'maxmemory'."
)


@pytest.mark.parametrize(
    ("said", "expected", "reason"),
    [
        (OF_REDIS_7, Overloaded, "QUEUE_MEMORY_FULL"),
        (OF_REDIS_6, Overloaded, "QUEUE_MEMORY_FULL"),
        (redis.exceptions.ConnectionError("Connection refused."), Unavailable, "QUEUE_UNAVAILABLE"),
        (TimeoutError(), Unavailable, "QUEUE_UNAVAILABLE"),
    ],
)
async def test_full_and_away_are_told_apart(
    said: Exception, expected: type[DensaError], reason: str
) -> None:
    # When
    with pytest.raises(expected) as caught:
        async with redis_answers():
            raise said

    # Then
    assert caught.value.reason == reason


async def test_a_bug_in_a_script_is_neither() -> None:
    # Given
    bug = redis.exceptions.ResponseError("Error running script: attempt to index a nil value")

    # Then
    with pytest.raises(redis.exceptions.ResponseError):
        async with redis_answers():
            raise bug
