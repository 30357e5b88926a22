"""Clocks that a test can set while a process runs: libfaketime, preloaded, reads a file."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

PLACES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
)


@dataclass(frozen=True)
class Clock:
    """A clock of its own for processes that get its environment. Pauses are not touched."""

    file: Path
    library: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process gets."""
        return {
            "LD_PRELOAD": self.library,
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds; not to read the file each time
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, seconds: int) -> None:
        """So far from the true time, from now on."""
        aside = self.file.with_suffix(".new")
        aside.write_text(f"{seconds:+d}\n")
        aside.replace(self.file)


def make_clock(file: Path) -> Clock:
    """A clock that is right. Where the library is missing, a skip here and a failure in CI."""
    library = next((place for place in PLACES if Path(place).exists()), None)
    if library is None:
        words = "Clocks are set with libfaketime: apt-get install libfaketime."
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    clock = Clock(file, library)
    clock.set(0)
    return clock
