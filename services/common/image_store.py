"""Where the pixels wait: the port that directory_store.py and s3_store.py implement.

An image store maps a key to bytes. Keys are made by `image_key`; they are safe
as names of files and objects whatever the image_id holds.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from services.common.errors import Overloaded

FULL_RETRY_SECONDS = 30.0
"""RetryInfo of a full image store: work has to be finished, or somebody has to make room."""


@dataclass(frozen=True, slots=True)
class StoreUse:
    """How much is in an image store."""

    images: int
    bytes: int
    """Of these images."""
    disk: tuple[int, int] | None
    """Free bytes and size of its disk; None where it has none that could become full."""


class ImageStore(Protocol):
    """Keeps images between acceptance and result.

    Whatever cannot be done raises Unavailable, reason STORE_UNAVAILABLE.
    """

    count_seconds: float
    """How often `use` may be asked: it looks at everything."""

    def put(self, key: str, image: bytes) -> None:
        """Keeps the image. Putting it again changes nothing.

        Raises Overloaded, reason STORE_FULL, where there is no room.
        """

    def get(self, key: str) -> bytes | None:
        """The image, or None where it is not there (its result was written)."""

    def delete(self, key: str) -> None:
        """Forgets the image. Forgetting it again changes nothing."""

    def older_than(self, seconds: float) -> Iterator[tuple[str, str]]:
        """Job and key of each image that was kept longer ago, by the store's own clock.

        Lazily: a store may hold more names than memory. They may be deleted on the way. What
        putting an image left by half is removed.
        """

    def use(self) -> StoreUse:
        """How much is in it now."""


def image_key(job: str, image_id: str, digest: str) -> str:
    """The key of an image. Other bytes or another image_id make another key."""
    name = hashlib.blake2b(image_id.encode(), digest_size=12).hexdigest()
    return f"{job}.{name}.{digest[:24]}"


def store_full() -> Overloaded:
    """What is raised where there is no room for an image."""
    return Overloaded(
        "The image store is full; nothing was accepted. Try again later.",
        reason="STORE_FULL",
        retry_after=FULL_RETRY_SECONDS,
    )
