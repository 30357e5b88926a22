"""Waiting for what must come true, and not longer. The limit only ends a broken test."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LIMIT_SECONDS = 30.0


async def until(condition: Callable[[], object], limit: float = LIMIT_SECONDS) -> None:
    """Lets others run until the condition holds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"still not true after {limit:g} s: {condition}"
        await asyncio.sleep(0.001)


async def until_told(
    ask: Callable[[], Awaitable[T]],
    condition: Callable[[T], object],
    limit: float = LIMIT_SECONDS,
) -> T:
    """Asks somebody until the answer fulfils the condition; that answer."""
    end = time.monotonic() + limit
    while not condition(answer := await ask()):
        assert time.monotonic() < end, f"still not true after {limit:g} s: {answer}"
        await asyncio.sleep(0.05)
    return answer


async def settled(turns: int = 50) -> None:
    """Lets everything that is ready run, in an event loop where nothing waits for the world."""
    for _ in range(turns):
        await asyncio.sleep(0)
