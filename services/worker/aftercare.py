"""What becomes of the pixels of an image that has its outcome."""

from typing import Protocol

import structlog

from services.common.classification import Classification
from services.common.errors import Unavailable
from services.common.image_store import ImageStore, image_key
from services.common.messages import ImageRecord, ImageRef, Outcome

log = structlog.get_logger()


class Onlooker(Protocol):
    """Who may want to see the pixels of an answered image once more."""

    def offer(self, key: str, record: ImageRecord, answer: Classification) -> bool:
        """Whether it takes the image, and the duty to let it go. Does not block."""
        ...


class Aftercare:
    """Lets go of images that were answered, unless they are to be kept or looked at again."""

    def __init__(
        self, store: ImageStore, *, retains: bool = False, onlooker: Onlooker | None = None
    ) -> None:
        self._store = store
        self._retains = retains
        self.holding = False
        """While true nothing is let go: a backup is being taken."""
        self._onlooker = onlooker

    def finished(self, image: ImageRef, record: ImageRecord, outcome: Outcome) -> None:
        """The outcome is written, and the client has it."""
        key = image_key(image.job, image.image_id, record.digest)
        answer = outcome.classification
        if answer is not None and self._onlooker and self._onlooker.offer(key, record, answer):
            return
        self.let_go(key)

    def let_go(self, key: str) -> None:
        """Nobody here needs it any more. Does not fail: the store's sweep comes by later."""
        if self._retains or self.holding:
            return
        try:
            self._store.delete(key)
        except Unavailable as error:
            log.warning("image_not_forgotten", reason=error.reason)
