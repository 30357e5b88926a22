"""The stopwatch of a load: warm-up, then a measured window, then over."""

import time
from collections.abc import Mapping

from benchmarks.arithmetic import cpu_ms_per_image, percentile, rate
from benchmarks.orders import LoadAnswer, LoadOrder
from benchmarks.usage import Usage


class Recorder:
    """Told of every answer; says when the load is over."""

    def __init__(self, order: LoadOrder, usage: Usage) -> None:
        self._order = order
        self._usage = usage
        self._started = time.perf_counter()
        self._warm_answers = 0
        self._times: list[float] = []
        self._latencies: list[float] = []
        self._cpu_before: Mapping[str, float] = {}
        self._cpu_after: Mapping[str, float] = {}
        self.over = False
        self.missing = 0
        """Images sent that have no answer yet."""

    @property
    def measured(self) -> int:
        """Images answered in the window so far."""
        return len(self._latencies)

    @property
    def measuring(self) -> bool:
        """Whether the window has begun and not ended."""
        return bool(self._times) and not self.over

    def sent(self) -> float:
        """One image is sent now; keep the reading of the clock for `answered`."""
        self.missing += 1
        return time.perf_counter()

    def answered(self, sent_at: float) -> None:
        """One image was answered now."""
        self.missing -= 1
        if self.over:
            return
        now = time.perf_counter()
        if self._times:
            self._times.append(now)
            self._latencies.append(now - sent_at)
            if self._enough(now):
                self._cpu_after = self._cpu()
                self.over = True
            return
        self._warm_answers += 1
        if self._warm_answers >= self._order.concurrency and (
            now - self._started >= self._order.warmup_seconds
        ):
            self._cpu_before = self._cpu()
            self._times.append(now)

    def _enough(self, now: float) -> bool:
        if self._order.images:
            return len(self._latencies) >= self._order.images
        return now - self._times[0] >= self._order.seconds

    def _cpu(self) -> dict[str, float]:
        return {**self._usage.cpu_seconds(), "client": time.process_time()}

    def answer(self, memory: list[tuple[int, int]]) -> LoadAnswer:
        """What was measured. Call it when it is over."""
        per_second = rate(self._times)
        window = self._times[-1] - self._times[0]
        cpu = {
            name: cpu_ms_per_image(after - self._cpu_before[name], window, per_second)
            for name, after in self._cpu_after.items()
        }
        milliseconds = [1000.0 * latency for latency in self._latencies]
        return LoadAnswer(
            images=self.measured,
            images_per_second=per_second,
            p50_ms=percentile(milliseconds, 50),
            p99_ms=percentile(milliseconds, 99),
            cpu_ms=cpu,
            memory=memory,
        )
