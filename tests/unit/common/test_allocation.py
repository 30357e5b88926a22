"""Memory that is freed is kept for the next image, where the C library is glibc."""

import platform
import subprocess
import sys

import pytest

MEASURED = """
import resource, sys
from services.common.allocation import keep_freed_memory
if "kept" in sys.argv:
    keep_freed_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    copies = [bytearray(b"x") * (4 * 2**20) for _ in range(4)]
    del copies
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(*arguments: str) -> int:
    command = [sys.executable, "-c", MEASURED, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Other C libraries do as they like.")
def test_memory_of_one_image_serves_the_next() -> None:
    # When, then: it is asked for once, not once for each of twenty images
    assert _page_faults("kept") < _page_faults() / 5
