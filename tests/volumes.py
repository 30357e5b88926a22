"""Volumes of a test's own, that become full or read-only. Only root may mount one."""

import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BUSY_SECONDS = 20.0
"""How long a volume may be written to before it becomes read-only."""


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file of this process may grow beyond `room` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """An empty volume of that size; a skip where it may not be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"A volume cannot be mounted here: {error}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, how: str) -> None:
    """`ro` or `rw`. A volume that is being written to becomes read-only when it is not."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return _mount("-o", f"remount,{how}", str(folder))
        except subprocess.CalledProcessError:
            if time.monotonic() > end:
                raise
            time.sleep(0.002)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
