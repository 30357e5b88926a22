"""Where the pixels wait: a port, and a directory that implements it.

An image store maps a key to bytes. Keys are made by `image_key`; they are safe
as file names whatever the image_id holds.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from services.common.errors import DensaError, Overloaded, Unavailable

FULL_RETRY_SECONDS = 30.0
"""RetryInfo of a full image store: work has to be finished, or somebody has to make room."""

_PART = ".part"


class ImageStore(Protocol):
    """Keeps images between acceptance and result."""

    def put(self, key: str, image: bytes) -> None:
        """Keeps the image. Putting it again changes nothing.

        Raises Overloaded where the store is full, Unavailable where it is broken.
        """

    def get(self, key: str) -> bytes | None:
        """The image, or None where it is not there (its result was written)."""

    def delete(self, key: str) -> None:
        """Forgets the image. Forgetting it again changes nothing."""

    def older_than(self, seconds: float) -> Iterator[tuple[str, str]]:
        """Job and key of each image that was kept longer ago, by the store's own clock.

        What putting an image left by half is removed on the way.
        """


def image_key(job: str, image_id: str, digest: str) -> str:
    """The key of an image. Other bytes or another image_id make another key."""
    name = hashlib.blake2b(image_id.encode(), digest_size=12).hexdigest()
    return f"{job}.{name}.{digest[:24]}"


class DirectoryImageStore:
    """Images as files in 256 subdirectories; a file appears whole or not at all."""

    def __init__(self, root: Path, *, fsync: bool = False) -> None:
        self._root = root
        self._fsync = fsync
        try:
            for shard in range(256):
                (root / f"{shard:02x}").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The image store {root} cannot be written: {error.strerror}. "
                "Give this process write permission there or set DENSA_STORE_PATH.",
                reason="STORE_UNAVAILABLE",
            ) from error

    def put(self, key: str, image: bytes) -> None:
        """See ImageStore."""
        path = self._path(key)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")
        try:
            try:
                with part.open("wb", buffering=0) as file:
                    rest = memoryview(image)
                    while rest:  # a disk that becomes full takes a part and says so later
                        rest = rest[file.write(rest) :]
                    if self._fsync:
                        os.fsync(file.fileno())
                part.replace(path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise _not_kept(error) from error

    def get(self, key: str) -> bytes | None:
        """See ImageStore."""
        path = self._path(key)
        try:
            try:
                return path.read_bytes()
            except FileNotFoundError:
                # A volume that is not mounted holds nothing: that is no answer.
                if not path.parent.is_dir():
                    raise
                return path.read_bytes()
        except FileNotFoundError as error:
            if path.parent.is_dir():
                return None
            raise Unavailable(
                f"The image store has no {path.parent}. Is its volume mounted?",
                reason="STORE_UNAVAILABLE",
            ) from error
        except OSError as error:
            raise Unavailable(
                f"The image store cannot be read: {error.strerror}.", reason="STORE_UNAVAILABLE"
            ) from error

    def delete(self, key: str) -> None:
        """See ImageStore."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The image store cannot forget an image: {error.strerror}.",
                reason="STORE_UNAVAILABLE",
            ) from error

    def older_than(self, seconds: float) -> Iterator[tuple[str, str]]:
        """See ImageStore."""
        try:
            now = self._now()
            for shard in sorted(self._root.iterdir()):
                for entry in os.scandir(shard) if shard.is_dir() else ():
                    with contextlib.suppress(FileNotFoundError):  # another was faster
                        if now - entry.stat().st_mtime < seconds:
                            continue
                        if entry.name.endswith(_PART):
                            Path(entry.path).unlink()
                        else:
                            yield entry.name.partition(".")[0], entry.name
        except OSError as error:
            raise Unavailable(
                f"The image store cannot be listed: {error.strerror}.", reason="STORE_UNAVAILABLE"
            ) from error

    def _now(self) -> float:
        """The store's clock, which may be another machine's."""
        with tempfile.TemporaryFile(dir=self._root) as file:
            return os.fstat(file.fileno()).st_mtime

    def _path(self, key: str) -> Path:
        shard = hashlib.blake2b(key.encode(), digest_size=1).hexdigest()
        return self._root / shard / key


def _not_kept(error: OSError) -> DensaError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Overloaded(
            "The image store is full; nothing was accepted. Try again later.",
            reason="STORE_FULL",
            retry_after=FULL_RETRY_SECONDS,
        )
    return Unavailable(
        f"The image store cannot keep an image: {error.strerror}.", reason="STORE_UNAVAILABLE"
    )
