"""What the benchmark asks of its helper processes, and what they answer.

A helper reads one order per line of standard input and writes one answer per
line of standard output, both JSON. It ends when its input ends, so it cannot
outlive the benchmark.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Style = Literal["unary", "stream"]
Task = Literal["classify", "prepare", "latency"]


@dataclass(frozen=True)
class LoadOrder:
    """Drive the gateway, closed loop."""

    target: str
    """host:port of the gateway."""
    pool: str
    """Folder of the images."""
    style: Style
    concurrency: int
    """Images in flight, over all calls and streams."""
    streams: int = 1
    """Streams that share the images in flight; unary calls ignore it."""
    warmup_seconds: float = 1.0
    """At least so long, and until as many images as are in flight were answered."""
    seconds: float = 4.0
    """How long is measured."""
    images: int = 0
    """Where above 0: measure until so many images were answered, however long it takes."""
    processes: dict[str, int] = field(default_factory=dict)
    """Name and process id of those whose CPU time is measured."""
    memory_of: str = ""
    """The process whose memory is sampled, or none."""


@dataclass(frozen=True)
class LoadAnswer:
    """What the load generator saw."""

    images: int
    images_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: dict[str, float]
    """CPU milliseconds per image by process, the load generator's own as "client"."""
    memory: list[tuple[int, int]]
    """(images answered, bytes) along the run, where asked for."""


@dataclass(frozen=True)
class LimitOrder:
    """Do the same work in one process."""

    bundle: str
    pool: str
    task: Task
    """classify: decode and run; prepare: decode only; latency: one image after the other."""
    threads: int = 1
    """Threads that each decode and run a batch, over and over."""
    batch: int = 1
    """Images per run of the model."""
    model_threads: int = 1
    """Threads of one run of the model; 0 takes all cores."""
    seconds: float = 2.0


@dataclass(frozen=True)
class LimitAnswer:
    """What one process can do."""

    images_per_second: float
    cpu_ms: float
    """CPU milliseconds per image."""
    p50_ms: float
    """Median milliseconds of one image; of a whole batch where there are threads."""


def answer_orders(answer: Callable[[dict[str, Any]], Any]) -> None:
    """The life of a helper: one answer for each order, until the input ends.

    An order that fails is answered {"failed": why}.
    """
    for line in sys.stdin:
        try:
            reply = asdict(answer(json.loads(line)))
        except Exception as error:  # noqa: BLE001  # the benchmark raises it again
            reply = {"failed": _why(error)}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


def _why(error: BaseException) -> str:
    """The first thing that went wrong, without the groups around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
