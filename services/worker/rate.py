"""How many images this worker finishes in a second while it has work."""

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 10.0
"""What counts as lately."""

LONGEST_PAUSE_SECONDS = 1.0
"""Between two micro-batches; a longer pause is time without work and does not count."""


class Rate:
    """Counts finished images. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._finished: deque[tuple[float, int, float]] = deque()
        self._last = clock()

    def finished(self, images: int, seconds: float) -> None:
        """So many images were finished, after so many seconds in hand."""
        with self._lock:
            now = self._clock()
            pause = now - self._last
            if pause > LONGEST_PAUSE_SECONDS:
                pause = min(pause, seconds)
            self._last = now
            self._finished.append((now, images, pause))
            while self._finished[0][0] < now - WINDOW_SECONDS:
                self._finished.popleft()

    @property
    def per_second(self) -> float:
        """Images per second of work, lately; 0 before the first."""
        with self._lock:
            worked = sum(pause for _, _, pause in self._finished)
            return sum(count for _, count, _ in self._finished) / worked if worked else 0.0
