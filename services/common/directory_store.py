"""An image store that is a directory, of one machine or of a volume that machines share."""

import contextlib
import errno
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from services.common.errors import DensaError, Unavailable
from services.common.image_store import StoreUse, store_full

_PART = ".part"


class DirectoryImageStore:
    """Images as files in 256 subdirectories; a file appears whole or not at all."""

    count_seconds = 60.0

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
                for entry in _files(shard):
                    with contextlib.suppress(FileNotFoundError):  # another was faster
                        if now - entry.stat().st_mtime < seconds:
                            continue
                        if entry.name.endswith(_PART):
                            Path(entry.path).unlink()
                        else:
                            yield entry.name.partition(".")[0], entry.name
        except OSError as error:
            raise _unlisted(error) from error

    def use(self) -> StoreUse:
        """See ImageStore."""
        images = size = 0
        try:
            for shard in self._root.iterdir():
                for entry in _files(shard):
                    with contextlib.suppress(FileNotFoundError):  # its result was written
                        size += entry.stat().st_size
                        images += 1
            disk = os.statvfs(self._root)
        except OSError as error:
            raise _unlisted(error) from error
        free, room = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        return StoreUse(images, size, (free, room))

    def _now(self) -> float:
        """The store's clock, which may be another machine's."""
        with tempfile.TemporaryFile(dir=self._root) as file:
            return os.fstat(file.fileno()).st_mtime

    def _path(self, key: str) -> Path:
        shard = hashlib.blake2b(key.encode(), digest_size=1).hexdigest()
        return self._root / shard / key


def _files(shard: Path) -> list[os.DirEntry[str]]:
    if not shard.is_dir():
        return []
    with os.scandir(shard) as entries:
        return list(entries)


def _not_kept(error: OSError) -> DensaError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return store_full()
    return Unavailable(
        f"The image store cannot keep an image: {error.strerror}.", reason="STORE_UNAVAILABLE"
    )


def _unlisted(error: OSError) -> Unavailable:
    return Unavailable(
        f"The image store cannot be listed: {error.strerror}.", reason="STORE_UNAVAILABLE"
    )
