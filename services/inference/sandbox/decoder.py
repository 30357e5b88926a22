"""A decoder process from its fork to its end: one order after the other, within its limits."""

import contextlib
import ctypes
import math
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

import cv2

from services.common.errors import DensaError, InternalError
from services.common.safe_traceback import safe_traceback
from services.inference.classifier import Prepare
from services.inference.formats.jpeg import OPENCV_NO_MEMORY
from services.inference.sandbox.messages import (
    Order,
    Reply,
    decode_order,
    describe,
    encode_reply,
    refuse,
)

PR_SET_PDEATHSIG = 1

MOST_FILES = 16
"""Files that a decoder may have open: it needs three."""


def live(connection: Connection, desk: int, memory_bytes: int, prepare: Prepare) -> NoReturn:
    """The whole life of a process that was just forked; ends when its worker is gone.

    Nothing of it leaves here: the process is a copy of the one that forked it.

    Args:
        connection: To the worker: orders come, replies go.
        desk: A file in memory that both share: the image before, its windows after.
        memory_bytes: What it may take beyond what it has already.
        prepare: Reads an image.
    """
    status = 1
    try:
        _set_limits(memory_bytes)
        while True:
            order = decode_order(connection.recv_bytes())
            # The worker ends a decoder that takes too long. This is for one without a worker.
            signal.alarm(math.ceil(order.seconds) + 1)
            reply = _carry_out(order, desk, prepare)
            signal.alarm(0)
            connection.send_bytes(encode_reply(reply))
    except (EOFError, ConnectionError):
        status = 0
    except BaseException as error:  # noqa: BLE001  # the worker sees that it ended
        print(safe_traceback(error), file=sys.stderr)  # noqa: T201
    finally:
        os._exit(status)


def die_with(parent: int) -> None:
    """Asks the kernel to end this process when the one that forked it ends, however it ends.

    Only Linux can. Elsewhere it ends when it next waits for an order, or by its alarm.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os._exit(0)


def _set_limits(memory_bytes: int) -> None:
    with contextlib.suppress(OSError):  # not Linux: the memory that it has is not known
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory_bytes, memory_bytes))
    cv2.setNumThreads(1)


def _carry_out(order: Order, desk: int, prepare: Prepare) -> Reply:
    try:
        image = os.pread(desk, order.size, 0)
        found = prepare(
            image, order.pixel_size_nm, order.model_input, order.limits, order.max_windows
        )
        os.pwrite(desk, found.windows.pixels.data, 0)
        return describe(found)
    except DensaError as error:
        return refuse(error)
    except MemoryError:
        return Reply()
    except Exception as error:  # noqa: BLE001  # a bug of ours, or a file nobody foresaw
        if isinstance(error, cv2.error) and error.code == OPENCV_NO_MEMORY:
            return Reply()
        print(safe_traceback(error), file=sys.stderr)  # noqa: T201
        return refuse(InternalError("Reading this image failed inside the service."))
