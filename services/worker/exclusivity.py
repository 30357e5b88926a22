"""Who may have images in hand at the same time: many threads together, or one alone.

An image that was in hand when a worker died may have been the cause. It runs with
nothing else in hand in its process, so that it takes no other image down again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Exclusivity:
    """Shared and exclusive turns. Whoever waits for an exclusive one goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._shared = 0
        self._exclusive = False
        self._wanting = 0

    @contextmanager
    def turn(self, *, exclusive: bool) -> Iterator[None]:
        """Waits for a turn and has it for as long as the context lasts."""
        with self._changed:
            if exclusive:
                self._wanting += 1
                self._changed.wait_for(lambda: not self._exclusive and self._shared == 0)
                self._wanting -= 1
                self._exclusive = True
            else:
                self._changed.wait_for(lambda: not self._exclusive and not self._wanting)
                self._shared += 1
        try:
            yield
        finally:
            with self._changed:
                if exclusive:
                    self._exclusive = False
                else:
                    self._shared -= 1
                self._changed.notify_all()
