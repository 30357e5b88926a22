"""`python -m benchmarks maps`: what heat maps cost, in one process and CPU time."""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks import host
from benchmarks.arithmetic import percentile
from benchmarks.helper import ROOT
from benchmarks.micrographs import PIXEL_SIZE_NM, as_jpeg, draw_field
from benchmarks.options import SHIPPED_BUNDLE
from benchmarks.report import table
from services.inference.bundle import load_classifier
from services.inference.manifest import OUTPUTS
from services.inference.settings import InferenceSettings

GRAPHS: tuple[Literal["fp32", "int8"], ...] = ("fp32", "int8")
BATCHES = (1, 8)
HEAD = ["graph", "images in a run", "no maps", "all maps", "all maps over none (10-90 %)"]


@dataclass(frozen=True)
class MapsOptions:
    """One run."""

    rounds: int


def parse(arguments: list[str]) -> MapsOptions:
    """The options of `maps`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks maps",
        description="Runs the model with and without heat maps by turns, one thread, and compares.",
    )
    parser.add_argument("--rounds", type=int, default=40, help="of each, by turns")
    return MapsOptions(**vars(parser.parse_args(arguments)))


def run(options: MapsOptions) -> int:
    """Prints what was found."""
    machine = host.describe()
    rows = [_measure(graph, batch, options.rounds) for graph in GRAPHS for batch in BATCHES]
    print(
        f"Measured {machine.date} at commit {machine.commit}: {machine.cores} cores of "
        f"{machine.cpu}, medians of {options.rounds} rounds, CPU time for an image of one window."
    )
    print(f"\n{table(HEAD, rows)}")
    return 0


def _measure(graph: Literal["fp32", "int8"], batch: int, rounds: int) -> list[str]:
    settings = InferenceSettings(graph=graph, provider="cpu", threads=1)
    classifier = load_classifier(ROOT / SHIPPED_BUNDLE, settings)
    prepared = [
        classifier.prepare(as_jpeg(draw_field(seed)), PIXEL_SIZE_NM) for seed in range(batch)
    ]
    plain, mapped = [], []
    for _ in range(rounds):
        plain.append(_cpu_ms(lambda: classifier.classify(prepared)) / batch)
        mapped.append(_cpu_ms(lambda: classifier.classify(prepared, [OUTPUTS] * batch)) / batch)
    ratios = [with_maps / without for with_maps, without in zip(mapped, plain, strict=True)]
    low, middle, high = (percentile(ratios, percent) for percent in (10, 50, 90))
    return [
        *(graph, str(batch)),
        f"{percentile(plain, 50):.1f} ms",
        f"{percentile(mapped, 50):.1f} ms",
        f"{middle:.3f} ({low:.2f}-{high:.2f})",
    ]


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)
