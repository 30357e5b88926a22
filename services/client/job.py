"""Jobs as the service tells of them, without protobuf in them, and the conversion."""

from dataclasses import dataclass
from datetime import UTC, datetime

from densa.v1 import job_service_pb2, lane_pb2


@dataclass(frozen=True, slots=True)
class Job:
    """A stream's work, which outlives the stream."""

    name: str
    """Who knows it may resume, watch, cancel and delete the job."""
    lane: str
    """STAT, ROUTINE or BULK."""
    cancelled: bool
    accepted: int
    """Micrographs accepted."""
    finished: int
    """Micrographs that have their result, errors included."""
    closed: bool
    """Whether it takes no more: its cases are complete."""
    cases_closed: int
    case_results: int
    """Closed cases that have their result."""
    created: datetime
    expires: datetime
    """When it is forgotten, unless a micrograph or a result comes first."""


def to_job(message: job_service_pb2.Job) -> Job:
    """One job."""
    return Job(
        message.job,
        lane_pb2.Lane.Name(message.lane).removeprefix("LANE_"),
        message.state == job_service_pb2.JOB_STATE_CANCELLED,
        message.accepted,
        message.finished,
        message.state == job_service_pb2.JOB_STATE_CLOSED,
        message.cases_closed,
        message.case_results,
        message.create_time.ToDatetime(UTC),
        message.expire_time.ToDatetime(UTC),
    )
