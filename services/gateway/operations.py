"""How the service is: what a status shows, and what is wrong and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.common.errors import DensaError
from services.common.lanes import Lane
from services.common.worker_report import WorkerReport
from services.gateway.backlog import Backlog, Limits
from services.gateway.gauges import Gauges
from services.gateway.queue_look import QueueLook, QueueState
from services.gateway.readiness import Readiness

PATIENCE = {Lane.STAT: 60.0, Lane.ROUTINE: 900.0}
"""Seconds after which a lane's oldest image is a problem; BULK may wait for ever."""

NEARLY_FULL = 0.7
"""Share of a cap, of Redis's memory or of the store's disk."""

ALMOST_FULL = 0.9


@dataclass(frozen=True, slots=True)
class Problem:
    """See the contract."""

    code: str
    critical: bool
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes in use, and all there is; 0: no limit."""

    used: int
    limit: int

    @property
    def share(self) -> float:
        """How much of it is used; 0 where nothing limits it."""
        return self.used / self.limit if self.limit else 0.0


@dataclass(frozen=True, slots=True)
class Status:
    """The service at one moment."""

    ready: bool
    queue: QueueState | None
    """None where Redis does not answer."""
    limits: Limits
    images_per_second: float
    workers: list[WorkerReport]
    redis: Room | None
    store: Room | None


class Operations:
    """Looks at everything when asked."""

    def __init__(
        self, readiness: Readiness, backlog: Backlog, queue: QueueLook, gauges: Gauges
    ) -> None:
        self._readiness = readiness
        self._backlog = backlog
        self._queue = queue
        self._gauges = gauges

    async def status(self) -> Status:
        """The state now. A Redis that is away is a problem in it, not an error."""
        backlog = self._backlog
        try:
            queue = await self._queue.look()
        except DensaError:
            queue = None
        store = self._gauges.store_disk
        return Status(
            self._readiness.ready and queue is not None,
            queue,
            backlog.limits,
            backlog.images_per_second,
            self._readiness.workers,
            Room(backlog.memory_bytes, backlog.memory_limit_bytes) if queue is not None else None,
            None if store is None else Room(*store),
        )


def problems(status: Status) -> list[Problem]:
    """What is wrong, the gravest first."""
    found = [*_of_parts(status), *_of_the_queue(status), *_of_room(status)]
    return sorted(found, key=lambda problem: not problem.critical)


def _of_parts(status: Status) -> Iterator[Problem]:
    if status.queue is None:
        yield Problem(
            "QUEUE_UNAVAILABLE",
            critical=True,
            message="Redis does not answer this gateway.",
            advice="Start Redis again; what was accepted is in its append-only file.",
        )
    elif not status.workers:
        yield Problem(
            "NO_READY_WORKER",
            critical=True,
            message="No worker consumes from the queue.",
            advice="Start a worker. One that refuses its model says why in its log.",
        )
    models = {report.model_digest: report for report in status.workers}
    if len(models) > 1:
        names = ", ".join(
            sorted(f"{one.model_name} {one.model_version}" for one in models.values())
        )
        yield Problem(
            "MODELS_DIFFER",
            critical=False,
            message=f"Workers answer with different models: {names}.",
            advice="Well while a version is exchanged. Else: densa models list.",
        )


def _of_the_queue(status: Status) -> Iterator[Problem]:
    if status.queue is None:
        return
    for load in status.queue.lanes:
        if load.oldest_seconds > PATIENCE.get(load.lane, float("inf")):
            yield Problem(
                "QUEUE_OLD",
                critical=load.lane is Lane.STAT,
                message=f"{load.lane}: an image has waited {load.oldest_seconds:.0f} s.",
                advice="Add workers, or send what is not urgent with the lane BULK.",
            )
    images = sum(load.images for load in status.queue.lanes) / status.limits.images
    size = sum(load.bytes for load in status.queue.lanes) / status.limits.bytes
    if max(images, size) > NEARLY_FULL:
        yield Problem(
            "QUEUE_NEARLY_FULL",
            critical=max(images, size) > ALMOST_FULL,
            message=f"The queue is {max(images, size):.0%} full.",
            advice="Add workers. Full, it refuses single calls and lets streams wait.",
        )


def _of_room(status: Status) -> Iterator[Problem]:
    if status.redis is not None and status.redis.share > NEARLY_FULL:
        yield Problem(
            "REDIS_NEARLY_FULL",
            critical=status.redis.share > ALMOST_FULL,
            message=f"Redis uses {status.redis.share:.0%} of its memory.",
            advice="Delete jobs that are no longer needed, or raise maxmemory. From 90 % on "
            "nothing is accepted.",
        )
    if status.store is not None and status.store.share > ALMOST_FULL:
        yield Problem(
            "STORE_NEARLY_FULL",
            critical=True,
            message=f"The image store's disk is {status.store.share:.0%} full.",
            advice="Make room on it, or lower DENSA_GATEWAY_MAX_QUEUED_BYTES.",
        )
