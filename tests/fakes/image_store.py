"""ImageStore in memory."""

from collections.abc import Iterator

from services.common.errors import Unavailable
from services.common.image_store import StoreUse


class FakeImageStore:
    """See services.common.image_store.ImageStore."""

    count_seconds = 60.0

    def __init__(self) -> None:
        self.images: dict[str, bytes] = {}
        self.down = False
        """Whether nothing can be kept, read or forgotten."""

    def put(self, key: str, image: bytes) -> None:
        """See ImageStore."""
        self._check()
        self.images[key] = image

    def get(self, key: str) -> bytes | None:
        """See ImageStore."""
        self._check()
        return self.images.get(key)

    def delete(self, key: str) -> None:
        """See ImageStore."""
        self._check()
        self.images.pop(key, None)

    def older_than(self, seconds: float) -> Iterator[tuple[str, str]]:
        """See ImageStore. Everything here is old."""
        del seconds
        self._check()
        yield from [(key.partition(".")[0], key) for key in self.images]

    def use(self) -> StoreUse:
        """See ImageStore."""
        self._check()
        return StoreUse(len(self.images), sum(map(len, self.images.values())), None)

    def _check(self) -> None:
        if self.down:
            raise Unavailable("The image store cannot be reached.", reason="STORE_UNAVAILABLE")
