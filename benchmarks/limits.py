"""The limit: the best of a few reasonable ways to do the work in one process."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.helper import Helper
from benchmarks.orders import LimitOrder, Task

CHOOSING_SECONDS = 1.5
LIMIT_SECONDS = 3.0
PREPARE_SECONDS = 0.7
LATENCY_SECONDS = 1.0


@dataclass(frozen=True)
class Configuration:
    """One way to use all cores."""

    threads: int
    batch: int
    model_threads: int

    def __str__(self) -> str:
        model = f"{self.model_threads} thread" if self.model_threads else "all cores when alone"
        return f"{self.threads} threads x batch {self.batch}, model on {model}"


def configurations(cores: int) -> list[Configuration]:
    """Those worth trying: a thread per core or two, small and large batches, and the worker's own.

    With one thread per core that decodes and runs, no core ever waits for another.
    """
    return [
        Configuration(cores, 1, 1),
        Configuration(cores, 8, 1),
        Configuration(2 * cores, 4, 1),
        Configuration(cores, 16, 0),
    ]


class Limit:
    """The limit for one bundle and one pool of images."""

    def __init__(self, helper: Helper, bundle: Path, pool: Path, seconds: float) -> None:
        self._helper = helper
        self._bundle = str(bundle.resolve())
        self._pool = str(pool)
        self._share = min(1.0, seconds / LIMIT_SECONDS)
        """Short cells are compared with short limits."""
        self._cores = psutil.cpu_count() or 1
        self._best = configurations(self._cores)[0]

    def choose(self) -> str:
        """Tries the configurations, keeps the fastest for all that follows, and says which."""
        measured = {
            each: self._rate(each, CHOOSING_SECONDS) for each in configurations(self._cores)
        }
        self._best = max(measured, key=lambda each: measured[each])
        return str(self._best)

    def throughput(self) -> float:
        """Images per second with the best configuration, now."""
        return self._rate(self._best, LIMIT_SECONDS)

    def prepare_cpu_ms(self) -> float:
        """CPU milliseconds to decode and preprocess an image while all cores do so."""
        order = self._order("prepare", Configuration(self._cores, 1, 1), PREPARE_SECONDS)
        return self._helper.limit(order).cpu_ms

    def latency_ms(self) -> float:
        """Median milliseconds for one image, one after the other, the model on all cores."""
        order = self._order("latency", Configuration(1, 1, 0), LATENCY_SECONDS)
        return self._helper.limit(order).p50_ms

    def _rate(self, configuration: Configuration, seconds: float) -> float:
        return self._helper.limit(self._order("classify", configuration, seconds)).images_per_second

    def _order(self, task: Task, configuration: Configuration, seconds: float) -> LimitOrder:
        return LimitOrder(
            bundle=self._bundle,
            pool=self._pool,
            task=task,
            threads=configuration.threads,
            batch=configuration.batch,
            model_threads=configuration.model_threads,
            seconds=seconds * self._share,
        )
