"""The benchmark's end of a helper process: start it, ask it, let it go."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.orders import LimitAnswer, LimitOrder, LoadAnswer, LoadOrder

ROOT = Path(__file__).resolve().parents[1]
"""Where the processes run: the root of the repository."""

STOP_SECONDS = 10.0

ALLOCATION = ("MALLOC_MMAP_THRESHOLD_=67108864", "MALLOC_TRIM_THRESHOLD_=268435456")
"""Keeps glibc from giving the memory of each image back to the kernel and asking for it again,
which costs a load generator up to 3 ms of CPU per 2 MiB, and not every time."""


class BenchmarkError(Exception):
    """Expected: the benchmark cannot be run here, or a part of it died. Says what to do."""


class Helper:
    """A running helper."""

    def __init__(self, module: str) -> None:
        self._module = module
        # A session of its own: Ctrl-C is for the benchmark, which then ends its helpers.
        self._process = subprocess.Popen(
            ["env", *ALLOCATION, sys.executable, "-m", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def load(self, order: LoadOrder) -> LoadAnswer:
        """Drives the gateway. Raises BenchmarkError where the load generator failed."""
        return LoadAnswer(**self._ask(asdict(order)))

    def limit(self, order: LimitOrder) -> LimitAnswer:
        """Does the work in one process. Raises BenchmarkError where that failed."""
        return LimitAnswer(**self._ask(asdict(order)))

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        line = ""
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            pass  # it ended: told below
        except BaseException:  # interrupted: before the service stops under its hands
            process.terminate()
            raise
        if not line:
            raise BenchmarkError(f"{self._module} ended; its own words stand above.")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise BenchmarkError(f"{self._module}: {answer['failed']}")
        return answer

    def close(self) -> None:
        """Ends the helper, whatever it is doing."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


@contextmanager
def helper(module: str) -> Iterator[Helper]:
    """A helper for as long as the context lasts."""
    running = Helper(module)
    try:
        yield running
    finally:
        running.close()
