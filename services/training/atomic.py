"""Files that are either the old or the new one, whatever happens while they are written."""

import os
from pathlib import Path


class StorageError(Exception):
    """A file of a run could not be written. Says where, why and what to do."""


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` as `path`, atomically and durably.

    A kill, a crash or a full disk leaves the file that was there before.
    Raises StorageError.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written ({len(content) / 1e6:.1f} MB): {error.strerror}. What was "
            "there before is kept: make room, and give the same command again to go on."
        ) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
