"""The processes that draw: they leave Ctrl-C to their parent, and end when it is gone."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread

import cv2


@contextmanager
def drawing_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool that, on the way out, finishes what is being drawn and drops what waits."""
    # Forked processes would inherit locks of libraries' threads, and wait for them for ever.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=begin_in_pool)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def begin_in_pool() -> None:
    """Set up one process of a pool."""
    cv2.setNumThreads(1)  # the processes fill the cores already
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed cannot say so, and the pool's own pipes would stay open."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
