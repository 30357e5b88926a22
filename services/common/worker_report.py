"""What a worker says of itself while it consumes, read by gateways for readiness.

The report is written by the loop that consumes from the queue: a worker that is
alive but does not consume falls silent, and readiness sees it.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

REPORT_INTERVAL_SECONDS = 1.0
"""How often a consuming worker reports."""

REPORT_LIFETIME_SECONDS = 5.0
"""A report older than this counts as none: a few missed reports, on a busy machine."""


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """One worker, consuming."""

    name: str
    model_name: str
    model_version: str
    model_digest: str
    provider: str
    """As ONNX Runtime reported it after loading."""
    seen_at: float
    """Seconds since the epoch by Redis's clock, so that the hosts' clocks do not matter."""
    threads: int = 1
    """Micro-batches it has in hand at once; lua/sweep.lua reads it."""
    images_per_second: float = 0.0
    """What it finished lately while it had work; 0 where it had none yet."""


_REPORT: TypeAdapter[WorkerReport] = TypeAdapter(WorkerReport)


def encode_report(report: WorkerReport) -> bytes:
    """The report as JSON."""
    return _REPORT.dump_json(report)


def decode_report(text: bytes) -> WorkerReport:
    """The inverse of `encode_report`. Raises pydantic's ValidationError on other text."""
    return _REPORT.validate_json(text)
