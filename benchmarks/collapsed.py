"""Reading collapsed stacks, the common output of sampling profilers: `outer;inner;innermost 12`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Profile:
    """Samples by thread, by function itself, and by function with all it calls."""

    threads: Counter[str] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)

    def largest(self, samples: Counter[str], count: int) -> list[tuple[str, float]]:
        """The names with most samples, and their shares of all."""
        everything = self.threads.total()
        return [(name, number / everything) for name, number in samples.most_common(count)]


def read_collapsed(lines: Iterable[str]) -> Profile:
    """The profile of stacks whose outermost frame is the thread; lines of code are put together."""
    profile = Profile()
    for line in lines:
        stack, _, number = line.rpartition(" ")
        thread, *frames = stack.split(";")
        samples = int(number)
        functions = [_function(frame) for frame in frames] or ["(no Python)"]
        profile.threads[_thread(thread)] += samples
        profile.own[functions[-1]] += samples
        for function in set(functions):
            profile.total[function] += samples
    return profile


def _function(frame: str) -> str:
    """A function without the line in it: `run (asyncio/runners.py:190)`."""
    name, _, line = frame.rpartition(":")
    return f"{name})" if line.rstrip(")").isdigit() else frame


def _thread(frame: str) -> str:
    """A thread without its numbers, so that a pool is one: `thread (21467): publish_0`."""
    return frame.rpartition(": ")[2].rstrip("0123456789_-")
