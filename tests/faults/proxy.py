"""A way to Redis that can be cut: a proxy between two unix sockets."""

import contextlib
import socket
import threading
from pathlib import Path


class CuttableWay:
    """Listens on a socket and passes everything on, until it is cut."""

    def __init__(self, listen: Path, to: Path) -> None:
        self._to = to
        self._cut = threading.Event()
        self._pairs: set[socket.socket] = set()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(listen))
        self._server.listen(128)
        self.url = f"unix://{listen}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Closes every connection and takes no other."""
        self._cut.set()
        for end in list(self._pairs):
            self._close(end)

    def mend(self) -> None:
        """Takes connections again."""
        self._cut.clear()

    def close(self) -> None:
        """Ends it."""
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            if self._cut.is_set():
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(str(self._to))
            except OSError:
                near.close()
                far.close()
                continue
            self._pairs.update((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        self._close(one)
        self._close(other)

    def _close(self, end: socket.socket) -> None:
        self._pairs.discard(end)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
