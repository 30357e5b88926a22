"""Which images this worker has in hand, for the heartbeat to renew."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from services.common.messages import ImageRef


class LeasesInHand:
    """The images in hand. Safe to use from several threads."""

    def __init__(self) -> None:
        self._images: set[ImageRef] = set()
        self._lock = threading.Lock()

    @contextmanager
    def holding(self, images: Sequence[ImageRef]) -> Iterator[None]:
        """Has the images in hand for as long as the context lasts."""
        with self._lock:
            self._images.update(images)
        try:
            yield
        finally:
            with self._lock:
                self._images.difference_update(images)

    @property
    def images(self) -> list[ImageRef]:
        """What is in hand now."""
        with self._lock:
            return list(self._images)
