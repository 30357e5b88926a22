"""The order of things: each cell between two measurements of the limit."""

import sys
import time
from pathlib import Path

from benchmarks.arithmetic import growth, mean, percentile
from benchmarks.helper import Helper
from benchmarks.limits import Limit
from benchmarks.options import Options
from benchmarks.orders import LoadAnswer, LoadOrder, Style
from benchmarks.results import Cell, Group, Latency, Results
from benchmarks.stack import Stack, stack

LATENCY_SECONDS = 2.0
"""Of one round of one image at a time: rounds matter more than their length."""

STYLES: tuple[Style, ...] = ("unary", "stream")


class Session:
    """One benchmark under way."""

    def __init__(self, options: Options, results: Results, load: Helper, limit: Helper) -> None:
        self._options = options
        self._results = results
        self._load = load
        self._limit = limit
        self._began = time.monotonic()

    def run_model(self, model: str, bundle: Path, pools: dict[str, Path], folder: Path) -> None:
        """All cells of one model, on a service started for it."""
        with stack(folder, bundle) as service:
            for image_format, pool in pools.items():
                group = Group(model, image_format)
                self._results.groups.append(group)
                limit = Limit(self._limit, bundle, pool, self._options.seconds)
                self._say(f"{model} {image_format}: the limit")
                group.configuration = limit.choose()
                self._run_group(group, limit, service, pool)
                self._run_latency(group, limit, service, pool)
            if model == "null" and self._options.memory_images:
                self._run_memory(service, next(iter(pools.values())))

    def _run_group(self, group: Group, limit: Limit, service: Stack, pool: Path) -> None:
        before = self._measure_limit(group, limit)
        for concurrency in self._options.concurrency:
            top = concurrency == max(self._options.concurrency)
            # There and back again, so that a drift of the machine cancels.
            order = [*STYLES, *reversed(STYLES)] * self._options.repeats
            order = order[: len(STYLES) * (self._options.repeats if top else 1)]
            loads = [
                (style, self._drive(group, service, pool, style, concurrency)) for style in order
            ]
            after = self._measure_limit(group, limit)
            for style in STYLES:
                answer = median_load([load for used, load in loads if used == style])
                ratio = answer.images_per_second / mean([before, after])
                group.cells.append(Cell(style, concurrency, answer, ratio))
            before = after

    def _measure_limit(self, group: Group, limit: Limit) -> float:
        images_per_second = limit.throughput()
        group.limits.append(images_per_second)
        group.prepare_cpu_ms.append(limit.prepare_cpu_ms())
        self._say(f"{group.model} {group.format}: limit {images_per_second:.1f} images/s")
        return images_per_second

    def _drive(
        self,
        group: Group,
        service: Stack,
        pool: Path,
        style: Style,
        concurrency: int,
        *,
        seconds: float | None = None,
    ) -> LoadAnswer:
        options = self._options
        answer = self._load.load(
            LoadOrder(
                target=service.target,
                pool=str(pool),
                style=style,
                concurrency=concurrency,
                streams=min(options.streams, concurrency),
                warmup_seconds=options.warmup_seconds,
                seconds=seconds or options.seconds,
                processes=service.processes,
            )
        )
        self._say(
            f"{group.model} {group.format}: {style} {concurrency}: "
            f"{answer.images_per_second:.1f} images/s"
        )
        return answer

    def _run_latency(self, group: Group, limit: Limit, service: Stack, pool: Path) -> None:
        """The same images one at a time, by turns in one process and through the service."""
        rounds = []
        for _ in range(self._options.latency_rounds):
            in_process = limit.latency_ms()
            seconds = min(self._options.seconds, LATENCY_SECONDS)
            answer = self._drive(group, service, pool, "unary", 1, seconds=seconds)
            rounds.append((answer.p50_ms, in_process))
        group.latency = Latency(
            service_ms=percentile([served for served, _ in rounds], 50),
            in_process_ms=percentile([alone for _, alone in rounds], 50),
            difference_ms=percentile([served - alone for served, alone in rounds], 50),
        )

    def _run_memory(self, service: Stack, pool: Path) -> None:
        self._say(f"memory of the gateway over {self._options.memory_images} images")
        answer = self._load.load(
            LoadOrder(
                target=service.target,
                pool=str(pool),
                style="stream",
                concurrency=max(self._options.concurrency),
                streams=self._options.streams,
                images=self._options.memory_images,
                processes=service.processes,
                memory_of="gateway",
            )
        )
        self._results.memory = growth(answer.memory)
        self._results.memory_images = answer.images

    def _say(self, text: str) -> None:
        elapsed = time.monotonic() - self._began
        print(f"[{elapsed:5.0f} s] {text}", file=sys.stderr, flush=True)


def median_load(loads: list[LoadAnswer]) -> LoadAnswer:
    """Each figure's median over repeats of a cell."""
    return LoadAnswer(
        images=sum(load.images for load in loads),
        images_per_second=percentile([load.images_per_second for load in loads], 50),
        p50_ms=percentile([load.p50_ms for load in loads], 50),
        p99_ms=percentile([load.p99_ms for load in loads], 50),
        cpu_ms={
            name: percentile([load.cpu_ms[name] for load in loads], 50) for name in loads[0].cpu_ms
        },
        memory=[],
    )
