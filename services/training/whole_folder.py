"""A folder that appears under its name when it is finished, whole, or not at all."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A hidden folder beside `target` to write into; it becomes `target` where nothing is raised.

    What a killed process left of the same target is removed first. Raises
    OSError, also where `target` is there, or someone else is at it.
    """
    partial = target.with_name(f".{target.name}.unfinished")
    partial.mkdir(parents=True, exist_ok=True)
    lock = os.open(partial, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(lock, partial, target)
        try:
            _empty(partial)
            yield partial
            sync_folder(partial)
            partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    finally:
        os.close(lock)


def sync_folder(folder: Path) -> None:
    """Onto the disk, so that a power cut after the renaming leaves no empty files."""
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _lock(descriptor: int, partial: Path, target: Path) -> None:
    """The lock goes with its process, so that what is not locked was left by one that is gone."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Its last owner may have renamed or removed it between opening and locking.
        mine = os.path.samestat(os.fstat(descriptor), partial.stat())
    except (BlockingIOError, FileNotFoundError):
        mine = False
    if not mine:
        raise OSError(f"{target} is being made by another process: wait for it, then try again")


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
