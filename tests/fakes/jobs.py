"""Jobs in memory: what Redis holds for the registry, the ledger and the result reader."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from services.common.messages import ImageRef, encode_details
from services.gateway.job_registry import Opening, Registrant


@dataclass
class MemoryJob:
    """One job."""

    images: dict[str, Registrant] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    """Image_id -> position in `results`, from 1."""
    results: list[bytes] = field(default_factory=list)
    opening: Opening = field(default_factory=Opening)
    cancelled: bool = False
    closed: bool = False
    open_cases: set[str] = field(default_factory=set)
    closed_cases: set[str] = field(default_factory=set)
    """Without a result yet."""
    cases_due: int = 0

    def images_of(self, case_id: str) -> list[str]:
        """Ids of the images of a case, in their order; none of the empty case."""
        return sorted(
            image_id
            for image_id, registrant in self.images.items()
            if case_id and registrant.details.case_id == case_id
        )


@dataclass
class MemoryJobs:
    """All jobs, what waits and who has it, and who listens to results."""

    jobs: dict[str, MemoryJob] = field(default_factory=dict)
    waiting: deque[ImageRef] = field(default_factory=deque)
    leases: set[ImageRef] = field(default_factory=set)
    now: float = 1_700_000_000.0
    """Redis's clock, in seconds since the epoch."""
    accepted_at: dict[ImageRef, float] = field(default_factory=dict)
    listeners: list[Callable[[str, int, bytes], None]] = field(default_factory=list)
    """Called with job, position and text of each result as it is written."""
    wake_ups: int = 0
    """What registering says of the queue's length."""
    lingering: int = 0
    """Threads that wait a little for work."""
    down: bool = False
    """Whether nothing answers."""
    full: bool = False
    """Whether there is no room for another image."""

    def append(self, name: str, text: bytes) -> int:
        """A result more; its position."""
        job = self.jobs[name]
        job.results.append(text)
        for listener in self.listeners:
            listener(name, len(job.results), text)
        return len(job.results)

    def record(self, image: ImageRef) -> bytes:
        """As lua/register.lua writes it."""
        registrant = self.jobs[image.job].images[image.image_id]
        at = self.accepted_at[image]
        wait = registrant.max_wait_seconds
        deadline = 0.0 if wait is None else at + wait
        details = encode_details(registrant.details)
        return f"{registrant.digest} {registrant.size} {at} {deadline} {details}".encode()
