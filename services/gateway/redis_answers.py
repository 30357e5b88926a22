"""What it means when Redis does not answer, or says that it is full."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import redis.exceptions

from services.common.errors import Overloaded, Unavailable

ANSWER_SECONDS = 5.0
"""How long Redis may take to answer before it counts as away."""

MEMORY_RETRY_SECONDS = 30.0
"""RetryInfo of a Redis at its memory limit: jobs have to expire or be deleted first."""


FAILING_OVER = ("READONLY", "NOREPLICAS", "MASTERDOWN", "LOADING")
"""What Redis says while another server becomes the primary; of a script, amid other words."""


def unavailable() -> Unavailable:
    """What is raised where Redis is away, or nothing may be written there now."""
    return Unavailable(
        "The queue cannot be reached; nothing was accepted. Try again shortly.",
        reason="QUEUE_UNAVAILABLE",
    )


@contextlib.asynccontextmanager
async def redis_answers() -> AsyncIterator[None]:
    """Turns a Redis that is away or does not answer soon into Unavailable, a full one into
    Overloaded. Whatever was asked did not happen, or may be asked again.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except redis.exceptions.ResponseError as error:
        if any(word in str(error) for word in FAILING_OVER):
            raise unavailable() from error
        if not _is_full(error):
            raise
        raise Overloaded(
            "Redis is at its memory limit; nothing was accepted. Jobs that are deleted or expire "
            "make room.",
            reason="QUEUE_MEMORY_FULL",
            retry_after=MEMORY_RETRY_SECONDS,
        ) from error
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError) as error:
        raise unavailable() from error


def _is_full(error: redis.exceptions.ResponseError) -> bool:
    """Redis 6 wraps what a script met in words of its own, which redis-py does not know."""
    full = isinstance(error, redis.exceptions.OutOfMemoryError)
    return full or "OOM command not allowed" in str(error)
