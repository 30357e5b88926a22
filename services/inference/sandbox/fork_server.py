"""`python -m services.inference.sandbox.fork_server FD`: forks decoder processes when asked.

It has everything loaded that reading an image needs, and nothing else: no thread, no
model, no connection, no secret. So a fork takes milliseconds and is safe, as it never is
in the worker with its threads; and decoders share the memory of what was loaded.

Orders on the socket, each with an answer:

    F MEMORY  with a connection and a desk: forks a decoder; the answer is its process id
    E PID     ends a decoder, if it has not ended; the answer is its wait status
"""

import contextlib
import os
import signal
import socket
import sys
from multiprocessing.connection import Connection

import imagecodecs

from services.inference.classifier import Prepare
from services.inference.preparation import prepare_image
from services.inference.sandbox.decoder import die_with, live

#: Loaded when they are first used, which would be in each decoder anew.
_CODECS = ("png", "zlib", "deflate", "lzw", "packbits", "jpeg8", "delta", "floatpred", "bitorder")


def main(prepare: Prepare = prepare_image) -> None:
    """Serves until the worker is gone."""
    # Ctrl-C and the end of a service reach every process of a group: the worker decides when.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for name in _CODECS:
        with contextlib.suppress(AttributeError, ImportError):  # a build without it
            getattr(imagecodecs, f"{name}_decode")
    decoders: set[int] = set()
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        while True:
            packet, files, _, _ = socket.recv_fds(orders, 64, 2)
            match packet.split():
                case [b"F", memory]:
                    pid = _fork(orders, files, int(memory), prepare)
                    decoders.add(pid)
                    orders.send(b"%d" % pid)
                case [b"E", number]:
                    decoders.discard(int(number))
                    orders.send(b"%d" % _end(int(number)))
                case _:  # the worker is gone
                    break
    for pid in decoders:  # else a container's first process would have to bury them
        _end(pid)


def _fork(orders: socket.socket, files: list[int], memory: int, prepare: Prepare) -> int:
    connection, desk = files
    ours = os.getpid()
    pid = os.fork()
    if not pid:
        die_with(ours)
        orders.close()
        live(Connection(connection), desk, memory, prepare)
    for file in files:
        os.close(file)
    return pid


def _end(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)  # not reaped yet, so the number is still its own
    return os.waitpid(pid, 0)[1]


if __name__ == "__main__":
    main()
