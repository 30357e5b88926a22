"""Jobs in memory: what Redis holds for the registry, the ledger and the result reader."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.common.messages import ImageRecord


@dataclass
class MemoryJob:
    """One job."""

    images: dict[str, ImageRecord] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    """Image_id -> position in `results`, from 1."""
    results: list[bytes] = field(default_factory=list)


@dataclass
class MemoryJobs:
    """All jobs, and who listens to their results."""

    jobs: dict[str, MemoryJob] = field(default_factory=dict)
    listeners: list[Callable[[str, int, bytes], None]] = field(default_factory=list)
    """Called with job, position and text of each result as it is written."""
    waiting_tasks: int = 0
    """What registering says of the queue's length."""
    down: bool = False
    """Whether nothing answers."""
