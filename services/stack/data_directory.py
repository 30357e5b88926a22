"""The directory that outlives a stack: Redis's file, waiting images, logs; and its lock."""

import errno
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.stack.errors import StackError

KEPT_LOGS = 3
"""Earlier logs of a process that are kept, as .1 to .3."""

SOCKET = "redis.sock"
"""Name of Redis's socket."""

LONGEST_PLACE = 80
"""Bytes of a directory's path that leave room for a socket's in 107."""


class DataDirectory:
    """What a stack keeps on disk, and where.

    Args:
        path: The directory; made when the stack starts.
    """

    def __init__(self, path: Path) -> None:
        # Processes with another current directory must mean the same place.
        self.path = path.expanduser().absolute()
        self.redis = self.path / "redis"
        self.images = self.path / "images"
        self.logs = self.path / "logs"
        self.page = self.path / "page"
        self._token = self.path / "admin-token"
        self._lock = self.path / "lock"
        self._sockets = self.path / "sockets"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the directories and keep every other stack out of them.

        Raises:
            StackError: It cannot be written to, or a stack runs on it.
        """
        try:
            for directory in (self.path, self.redis, self.images, self.logs):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = self._acquire()
        except OSError as error:
            raise StackError(
                f"Cannot write to the data directory {self.path}: {error.strerror}. "
                "Choose another one with --data DIR or DENSA_STACK_DATA."
            ) from error
        try:
            yield
        finally:
            # While it is locked: nobody else can hold the file that goes.
            self._lock.unlink(missing_ok=True)
            os.close(descriptor)

    def _acquire(self) -> int:
        while True:
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._is_current(descriptor):
                    os.ftruncate(descriptor, 0)
                    os.write(descriptor, f"{os.getpid()}\n".encode())
                    return descriptor
            except OSError as error:
                owner = os.read(descriptor, 32).decode(errors="replace").strip()
                os.close(descriptor)
                if error.errno not in (errno.EAGAIN, errno.EACCES):
                    raise
                raise StackError(
                    f"A stack already runs on {self.path} (process {owner or 'unknown'}). "
                    "Use it, stop it with Ctrl-C, or choose another directory with --data DIR."
                ) from error
            os.close(descriptor)

    def _is_current(self, descriptor: int) -> bool:
        # The file may have been removed by its last owner between open and flock.
        try:
            return os.path.samestat(os.fstat(descriptor), self._lock.stat())
        except FileNotFoundError:
            return False

    @property
    def socket(self) -> Path:
        """Where Redis listens while a stack runs; not there otherwise."""
        return self._sockets / SOCKET

    @contextmanager
    def socket_directory(self) -> Iterator[Path]:
        """A private directory with a short name, for Redis's socket; removed afterwards.

        A socket's path has at most 107 bytes and needs a local file system;
        a data directory promises neither. `sockets` links to it, so that the
        next stack can remove what a killed one left. Only while locked.
        """
        self._remove_sockets()
        directory = Path(tempfile.mkdtemp(prefix="densa-", dir=_short_directory()))
        try:
            self._sockets.symlink_to(directory)
            yield directory
        finally:
            self._remove_sockets()
            shutil.rmtree(directory, ignore_errors=True)

    def _remove_sockets(self) -> None:
        if self._sockets.is_symlink():
            shutil.rmtree(self._sockets.readlink(), ignore_errors=True)
            self._sockets.unlink()

    def admin_token(self) -> str:
        """The secret of whoever may change models here; made once. Only this user can read it."""
        if not self._token.exists():
            descriptor = os.open(self._token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24) + "\n")
        return self._token.read_text().strip()

    def rotate_log(self, name: str) -> Path:
        """The path of a process's new log; earlier ones move to .1, .2, .3."""
        log = self.logs / f"{name}.log"
        for number in range(KEPT_LOGS, 0, -1):
            older = log.with_suffix(f".log.{number}")
            newer = log.with_suffix(f".log.{number - 1}") if number > 1 else log
            if newer.exists():
                newer.replace(older)
        return log


def _short_directory() -> str:
    # TMPDIR may be anywhere, also where a socket's name has no room left.
    place = tempfile.gettempdir()
    return place if len(os.fsencode(place)) <= LONGEST_PLACE else "/tmp"  # noqa: S108  # mkdtemp's own is private
