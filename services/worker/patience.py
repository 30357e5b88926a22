"""Trying again for as long as Redis is away: what a model has said is worth it.

Not redis-py's own retries: they keep one connection, which behind Sentinel goes on asking the
server that was the primary. Here each try takes a connection of its own.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import redis.exceptions

T = TypeVar("T")

TRIES = 600
"""About a second apart."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0

PASSING = ("READONLY", "NOREPLICAS", "MASTERDOWN", "LOADING")
"""What a Redis says that is on its way to serve. A script's error has it in the middle."""


def patiently(act: Callable[[], T]) -> T:
    """What `act` returns, when Redis lets it. Raises RedisError or OSError in the end."""
    pause = FIRST_PAUSE_SECONDS
    for _ in range(TRIES - 1):
        try:
            return act()
        except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError):
            pass
        except redis.exceptions.ResponseError as error:
            if not any(word in str(error) for word in PASSING):
                raise
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    return act()
