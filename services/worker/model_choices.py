"""The worker's way to what operators decided: about models, and whether images are held."""

import time
from collections.abc import Callable
from typing import cast

import redis
import redis.exceptions
import structlog

from services.common import keys
from services.common.errors import Unavailable
from services.common.model_choice import ModelChoice, decode_choice

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
"""Between two questions to a Redis that does not answer."""


class RedisModelChoices:
    """Reads the choice when called. One round trip."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def __call__(self) -> ModelChoice:
        """What was decided. Raises Unavailable."""
        return self.read()[0]

    def read(self) -> tuple[ModelChoice, bool]:
        """What was decided, and whether images are to be held. Raises Unavailable."""
        try:
            with self._client.pipeline(transaction=False) as pipe:
                pipe.hgetall(keys.MODEL_CHOICE)
                pipe.exists(keys.HOLD)
                found, held = cast("tuple[dict[bytes, bytes], int]", pipe.execute())
        except (redis.exceptions.RedisError, OSError) as error:
            raise Unavailable(f"Redis does not tell the model: {error}") from error
        return decode_choice(found), bool(held)


def wait_for(choices: Callable[[], ModelChoice]) -> ModelChoice:
    """The choice, as soon as Redis answers: a guess could answer with the wrong version."""
    while True:
        try:
            return choices()
        except Unavailable as error:
            log.warning("model_choice_waits", error=error.message)
            time.sleep(PAUSE_SECONDS)
