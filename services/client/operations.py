"""How the service is, as whoever runs it sees it: plain values, and from the contract's."""

from dataclasses import dataclass

from densa.v1 import lane_pb2
from densa.v1 import operations_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong, and what to do about it."""

    code: str
    critical: bool
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """What one lane holds."""

    lane: str
    images: int
    bytes: int
    oldest_seconds: float | None
    """How long the image that waits longest has waited; None where none waits."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A worker that consumes."""

    name: str
    model: str
    provider: str
    threads: int
    images_per_second: float


@dataclass(frozen=True, slots=True)
class Operations:
    """The service at one moment. Bytes and images as counted by the service."""

    problems: tuple[Problem, ...]
    lanes: tuple[LaneStatus, ...]
    images_in_hand: int
    limit_images: int
    limit_bytes: int
    images_per_second: float
    workers: tuple[WorkerStatus, ...]
    redis_bytes: int | None
    redis_limit_bytes: int | None
    store_bytes: int | None
    """In use on the disk of the image store, by whatever lies there."""
    store_limit_bytes: int | None


def to_operations(status: pb.GetStatusResponse) -> Operations:
    """From the contract's words."""
    redis = status.redis_memory if status.HasField("redis_memory") else None
    store = status.store_disk if status.HasField("store_disk") else None
    return Operations(
        tuple(Problem(p.code, p.critical, p.message, p.advice) for p in status.problems),
        tuple(map(_lane, status.lanes)),
        status.images_in_hand,
        status.limits.images,
        status.limits.bytes,
        status.images_per_second,
        tuple(map(_worker, status.workers)),
        redis.used_bytes if redis else None,
        redis.limit_bytes if redis else None,
        store.used_bytes if store else None,
        store.limit_bytes if store else None,
    )


def _lane(lane: pb.LaneStatus) -> LaneStatus:
    age = lane.oldest_age.ToTimedelta().total_seconds() if lane.HasField("oldest_age") else None
    name = lane_pb2.Lane.Name(lane.lane).removeprefix("LANE_")
    return LaneStatus(name, lane.images, lane.bytes, age)


def _worker(worker: pb.WorkerStatus) -> WorkerStatus:
    return WorkerStatus(
        worker.name,
        f"{worker.model.name} {worker.model.version}",
        worker.provider,
        worker.threads,
        worker.images_per_second,
    )
