"""Memory that a process frees and soon needs again. For the page and the command, not the SDK."""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""As glibc's malloc.h numbers them."""

KEPT_BYTES = 64 * 1024 * 1024
IN_HEAP_BYTES = 32 * 1024 * 1024
"""The most that glibc allows."""


def keep_freed_memory() -> None:
    """Has glibc keep some freed memory instead of giving it back to the kernel.

    Otherwise each image's copies are asked for again and again, page by page: of 4 MiB, that is ten
    times the cost of the copy itself. Other C libraries do as they like.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, IN_HEAP_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
