"""The goals, and whether a benchmark reached them."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.options import GOAL_CONCURRENCY
from benchmarks.results import Group, Results

LEAST_RATIO = 0.85
"""Share of the limit with a real model under full load."""

MOST_OVERHEAD_MS = 5.0
"""CPU per image over decoding and preprocessing, all server processes together."""

MOST_LATENCY_MS = 8.0
"""What the service adds to one image at a time."""

MOST_GROWTH_MIB = 4.0
"""Memory of the gateway from the first to the last third of a long run. Over the usual
5,000 images it would show a leak of 1.3 KB per image."""


@dataclass(frozen=True)
class Goal:
    """One goal for one case."""

    name: str
    case: str
    required: str
    found: str
    reached: bool


def judge(results: Results) -> list[Goal]:
    """Every goal that this benchmark measured."""
    goals = [goal for group in results.groups for goal in _judge_group(group)]
    if results.memory is not None:
        grown = results.memory.grown
        goals.append(
            Goal(
                "gateway memory flat",
                f"null, {results.memory_images} images",
                f"at most {MOST_GROWTH_MIB:.0f} MiB more",
                f"{grown:+.1f} MiB",
                grown <= MOST_GROWTH_MIB,
            )
        )
    return goals


def _judge_group(group: Group) -> Iterator[Goal]:
    for cell in group.cells:
        if cell.concurrency != GOAL_CONCURRENCY:
            continue
        case = f"{group.model}, {group.format}, {cell.style}, {cell.concurrency} in flight"
        if group.model == "null":
            overhead = group.overhead_ms(cell)
            yield Goal(
                "overhead",
                case,
                f"at most {MOST_OVERHEAD_MS:.0f} ms CPU/image",
                f"{overhead:.2f} ms",
                overhead <= MOST_OVERHEAD_MS,
            )
        else:
            yield Goal(
                "share of the limit",
                case,
                f"at least {LEAST_RATIO:.2f}",
                f"{cell.ratio:.2f}",
                cell.ratio >= LEAST_RATIO,
            )
    if group.latency is not None:
        difference = group.latency.difference_ms
        yield Goal(
            "one at a time",
            f"{group.model}, {group.format}, unary",
            f"p50 at most {MOST_LATENCY_MS:.0f} ms over in-process",
            f"{difference:+.1f} ms",
            difference <= MOST_LATENCY_MS,
        )
