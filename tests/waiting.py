"""Waiting for what must come true, and not longer. The limit only ends a broken test."""

import asyncio
import time
from collections.abc import Callable

LIMIT_SECONDS = 30.0


async def until(condition: Callable[[], object], limit: float = LIMIT_SECONDS) -> None:
    """Lets others run until the condition holds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"still not true after {limit:g} s: {condition}"
        await asyncio.sleep(0.001)


async def settled(turns: int = 50) -> None:
    """Lets everything that is ready run, in an event loop where nothing waits for the world."""
    for _ in range(turns):
        await asyncio.sleep(0)
