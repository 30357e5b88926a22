"""The arithmetic of a measurement: pure functions on times, counts and sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


def rate(times: Sequence[float]) -> float:
    """Images per second, given the time in seconds at which each image was finished.

    The slope of the count over time, for images finish in groups of a micro-batch:
    first and last alone would count a group too much or too little.
    """
    if len(times) < 2 or times[-1] <= times[0]:
        raise ValueError("A rate needs images that were finished at different times.")
    seconds = np.asarray(times) - times[0]
    return float(np.polyfit(seconds, np.arange(len(seconds)), 1)[0])


def cpu_ms_per_image(cpu_seconds: float, window_seconds: float, images_per_second: float) -> float:
    """CPU milliseconds per image of a process that used `cpu_seconds` in a window."""
    return cpu_seconds / window_seconds / images_per_second * 1000.0


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of `values` lie."""
    return float(np.percentile(np.asarray(values), percent))


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean."""
    return float(np.mean(np.asarray(values)))


def spread(values: Sequence[float]) -> float:
    """From the least to the largest of `values`, as a share of their mean."""
    return (max(values) - min(values)) / mean(values)


@dataclass(frozen=True, slots=True)
class Growth:
    """What memory did along a run, in MiB."""

    first: float
    """Median of the first third of the images."""
    last: float
    """Median of the last third."""
    most: float

    @property
    def grown(self) -> float:
        """From the first third to the last."""
        return self.last - self.first


def growth(samples: Sequence[tuple[int, int]]) -> Growth:
    """What memory did, given (images finished, bytes) along a run.

    Raises ValueError where a third of the images has no sample.
    """
    final = samples[-1][0]
    first = [size for count, size in samples if count <= final / 3]
    last = [size for count, size in samples if count >= final * 2 / 3]
    if not first or len(samples) < 3:
        raise ValueError("Memory was sampled too seldom to tell its growth.")
    sizes = [size for _, size in samples]
    mib = 1024.0 * 1024.0
    return Growth(percentile(first, 50) / mib, percentile(last, 50) / mib, max(sizes) / mib)
