"""Processes of a pool: they leave Ctrl-C to their parent, and end when it is gone."""

import os
import signal
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread

import cv2


def begin_in_pool() -> None:
    """Set up one process."""
    cv2.setNumThreads(1)  # the processes fill the cores already
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed cannot say so, and the pool's own pipes would stay open."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
