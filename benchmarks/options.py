"""What can be asked for on the command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmarks.micrographs import FORMATS

MODELS = ("resnet18", "null")
SHIPPED_BUNDLE = Path("models/densa-resnet18/0.3.0")

GOAL_CONCURRENCY = 64
"""The concurrency at which the goals for throughput and overhead are stated."""


@dataclass(frozen=True)
class Options:
    """One benchmark."""

    bundle: Path
    models: tuple[str, ...]
    formats: tuple[str, ...]
    concurrency: tuple[int, ...]
    streams: int
    seconds: float
    warmup_seconds: float
    repeats: int
    """How often the cells of the highest concurrency are measured."""
    latency_rounds: int
    memory_images: int
    json: Path | None
    check: bool


def parse(arguments: list[str]) -> Options:
    """The options; ends the program with a sentence where they make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Starts the service, drives it closed loop, and prints how it compares with "
        "the same work in one process. About six minutes; --quick about one.",
        epilog="`python -m benchmarks profile gateway|worker` shows where its CPU time goes, "
        "`... scale` what a job of 100,000 images does, `... overload` what too many calls do, "
        "`... lanes` how long the urgent wait behind a back-fill, `... maps` what heat maps cost, "
        "`... page` what the page does with 50 files at once. "
        "DENSA_* settings in the environment hold for the service under test.",
    )
    parser.add_argument("--bundle", type=Path, default=SHIPPED_BUNDLE, help="the model's bundle")
    parser.add_argument("--models", type=_among(MODELS), default=MODELS, help="resnet18,null")
    parser.add_argument("--formats", type=_among(FORMATS), default=FORMATS, help="jpeg,tiff")
    parser.add_argument("--concurrency", type=_counts, default=(1, 16, 64), help="1,16,64")
    parser.add_argument("--streams", type=int, default=1, help="streams that share the images")
    parser.add_argument("--seconds", type=float, default=4.0, help="measured per cell")
    parser.add_argument("--repeats", type=int, default=2, help="of the cells at the top")
    parser.add_argument("--memory-images", type=int, default=5000, help="0 leaves it out")
    parser.add_argument("--quick", action="store_true", help="short cells: for a look, no record")
    parser.add_argument("--json", type=Path, help="also write everything here")
    parser.add_argument("--check", action="store_true", help="exit status 1 where a goal fails")
    given = parser.parse_args(arguments)
    if given.streams < 1 or given.seconds <= 0 or given.repeats < 1 or given.memory_images < 0:
        parser.error("--streams, --seconds and --repeats must be above 0.")
    return Options(
        bundle=given.bundle,
        models=given.models,
        formats=given.formats,
        concurrency=given.concurrency,
        streams=given.streams,
        seconds=min(given.seconds, 1.0) if given.quick else given.seconds,
        warmup_seconds=0.3 if given.quick else 1.0,
        repeats=1 if given.quick else given.repeats,
        latency_rounds=2 if given.quick else 4,
        memory_images=min(given.memory_images, 500) if given.quick else given.memory_images,
        json=given.json,
        check=given.check,
    )


class _among:  # noqa: N801  # argparse prints its name
    """A comma-separated choice."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def __call__(self, text: str) -> tuple[str, ...]:
        chosen = tuple(text.split(","))
        if unknown := set(chosen) - set(self._names):
            raise argparse.ArgumentTypeError(
                f"{', '.join(sorted(unknown))} is none of {', '.join(self._names)}"
            )
        return chosen


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(sorted(int(each) for each in text.split(",")))
    if counts[0] < 1:
        raise argparse.ArgumentTypeError("concurrency begins at 1")
    return counts
