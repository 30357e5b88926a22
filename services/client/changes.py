"""Waiting until something that another task changes has come true."""

import asyncio
from collections.abc import Callable


class Changes:
    """Tells waiting tasks of one event loop that it is worth to look again."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Something has changed."""
        self._changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until the condition holds. No change between a look and the wait is missed:
        there is no await between them.
        """
        while not condition():
            self._changed.clear()
            await self._changed.wait()
