"""Wakes whoever waits for the records to change."""

import asyncio


class Changes:
    """A number that grows, and those who wait for it to grow. For one event loop."""

    def __init__(self) -> None:
        self.number = 0
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Something changed."""
        self.number += 1
        self._event.set()
        self._event = asyncio.Event()

    async def after(self, number: int, seconds: float | None) -> bool:
        """Whether something changed after `number`, within so many seconds; None: however long."""
        if self.number != number:
            return True
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True
