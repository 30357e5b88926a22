"""What an interrupted `densa classify` needs to go on: a file beside its output.

    {"densa": 1, "wish": {...}}                what was asked for
    {"job": "..."}                             the job that it goes into
    {"accepted": id, "path": ..., "state": ...}  the service keeps this image
    {"row": id, "failed": false, "at": 4711}   its row is in the output, which has 4,711 bytes

A line is written after what it tells of has happened. What a kill tore off is cut from both
files: a row without its line is collected again from the job, once.
"""

import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from services.client.errors import DensaError
from services.client.images import Image

VERSION = 1
SYNC_SECONDS = 1.0
"""How often output and journal are forced to the disk: what a loss of power may cost."""


class JournalError(DensaError):
    """Expected: an output belongs to another command that has not ended, or cannot be written."""

    default_reason = "OTHER_RUN_UNFINISHED"


@dataclass(frozen=True, slots=True)
class Sent:
    """An image that the service has accepted."""

    path: str
    state: str
    """Size and time of the file then."""


class Journal:
    """The state of one run, on disk. `rows` and `accepted` may be asked, the rest tells it."""

    def __init__(
        self, path: Path, wish: Mapping[str, object], there: int = 0, *, restart: bool = False
    ) -> None:
        """Go on with the journal at `path`, or begin one, also where one is if `restart`.

        `there` is the output's length now. Raises JournalError where it is of another wish, in
        use, or cannot be written.
        """
        self.job = ""
        self.accepted: dict[str, Sent] = {}
        self.rows: dict[str, bool] = {}
        """Images whose row is in the output, and whether they failed."""
        self.output_bytes = 0
        """Length of the output with these rows."""
        self._path, self._lock, self._synced_at = path, threading.Lock(), time.monotonic()
        try:
            self._file: IO[bytes] = path.open("a+b")
        except OSError as error:
            raise _not_writable(path, error) from error
        try:
            _lock(self._file, path)
            whole = 0 if restart else self._read(wish, there)
            self._file.truncate(whole)
            if not whole:
                self._write({"densa": VERSION, "wish": wish})
        except OSError as error:
            self._file.close()
            raise _not_writable(path, error) from error
        except JournalError:
            self._file.close()
            raise

    def _read(self, wish: Mapping[str, object], there: int) -> int:
        """Take in what earlier runs wrote; how many bytes of it are whole.

        A loss of power may keep a line and lose its row: all from there on counts as torn off.
        """
        whole = 0
        self._file.seek(0)
        for line in self._file.read().splitlines(keepends=True):
            try:
                said: dict[str, Any] = json.loads(line)
            except ValueError:
                break
            if not line.endswith(b"\n") or said.get("at", 0) > there:
                break
            if not whole and said.get("wish") != json.loads(json.dumps(wish)):
                raise JournalError(
                    f"{self._path} is the journal of another command that has not ended. Give that "
                    "command again to go on with it, or --restart to forget it and begin anew."
                )
            self._take(said)
            whole += len(line)
        return whole

    def _take(self, said: dict[str, Any]) -> None:
        if "job" in said:
            self.job = said["job"]
            if not self.job:
                self.accepted.clear()
        elif "accepted" in said:
            self.accepted[said["accepted"]] = Sent(said["path"], said["state"])
        elif "row" in said:
            self.rows[said["row"]] = said["failed"]
            self.output_bytes = said["at"]

    def opened(self, job: str) -> None:
        """The job has this name; empty: it is gone, with what it had accepted."""
        if job != self.job:
            self._tell({"job": job})

    def was_accepted(self, image: Image) -> None:
        """The service keeps this image."""
        self._tell({"accepted": image.image_id, "path": image.path, "state": state_of(image)})

    def has_row(self, image_id: str, output: IO[Any], *, failed: bool) -> None:
        """The output, flushed, has the row of this image."""
        size = os.fstat(output.fileno()).st_size
        self._tell({"row": image_id, "failed": failed, "at": size})
        if time.monotonic() - self._synced_at > SYNC_SECONDS:
            os.fsync(output.fileno())  # first: a row's line must not outlive the row
            os.fsync(self._file.fileno())
            self._synced_at = time.monotonic()

    def pending(self) -> list[Image]:
        """Images that the service has accepted and whose row is missing."""
        return [
            Image(Path(sent.path), image_id=image_id)
            for image_id, sent in self.accepted.items()
            if image_id not in self.rows
        ]

    def finish(self) -> None:
        """Every image has its row: the journal is no longer needed."""
        self._path.unlink(missing_ok=True)

    def _tell(self, said: dict[str, Any]) -> None:
        with self._lock:
            self._take(said)
            self._write(said)

    def _write(self, said: dict[str, Any]) -> None:
        self._file.write(json.dumps(said).encode() + b"\n")
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _not_writable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"Cannot write {path}: {error.strerror or error}.", reason="OUTPUT_NOT_WRITABLE"
    )


def _lock(file: IO[bytes], path: Path) -> None:
    """For as long as the file is open. Where the system knows no such locks, nothing."""
    try:
        import fcntl  # noqa: PLC0415  # not everywhere
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise JournalError(
            f"{path} is in use: another densa classify writes this output now.",
            reason="OUTPUT_IN_USE",
        ) from error


def state_of(image: Image) -> str:
    """Size and time of an image's file: another state, another file."""
    try:
        found = Path(image.path).stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"
