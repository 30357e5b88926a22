"""A file that says when this process was last seen to do its work, for `probe.py` to read."""

import time
from pathlib import Path

import structlog

log = structlog.get_logger()


class SignOfLife:
    """Gives the sign at `path`; none where that is empty.

    The time is that of the host's monotonic clock, which all its processes share and nobody sets.
    """

    def __init__(self, path: str = "") -> None:
        self._path = Path(path) if path else None

    def give(self) -> None:
        """The work is being done, now."""
        if self._path is None:
            return
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            new.write_text(f"{time.monotonic()}\n", encoding="ascii")
            new.replace(self._path)
        except OSError as error:
            log.warning("sign_of_life_failed", error=str(error))

    def withdraw(self) -> None:
        """The work is not being done any more."""
        if self._path is None:
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("sign_of_life_failed", error=str(error))
