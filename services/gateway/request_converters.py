"""Requests of the contract as our values, and what is wrong with them."""

from collections.abc import Iterable

from densa.v1 import classification_pb2, lane_pb2, micrograph_pb2
from densa.v1 import classification_service_pb2 as service_pb

from services.common.errors import InvalidRequest
from services.common.lanes import Lane
from services.gateway.admission import Submission
from services.gateway.events import Close, OpenJob, Request

LANES = {
    lane_pb2.LANE_STAT: Lane.STAT,
    lane_pb2.LANE_ROUTINE: Lane.ROUTINE,
    lane_pb2.LANE_BULK: Lane.BULK,
}


def to_lane(lane: lane_pb2.Lane, field: str) -> Lane | None:
    """The lane; None where none is asked for. Raises InvalidRequest for an unknown number."""
    if lane == lane_pb2.LANE_UNSPECIFIED:
        return None
    found = LANES.get(lane)
    if found is None:
        raise InvalidRequest(f"There is no lane {lane}.", reason="INVALID_LANE", field=field)
    return found


def to_submission(micrograph: micrograph_pb2.Micrograph) -> Submission:
    """The micrograph as the client sent it, unchecked."""
    return Submission(
        image_id=micrograph.image_id,
        image=micrograph.image,
        case_id=micrograph.case_id,
        pixel_size_nm=micrograph.pixel_size_nm if micrograph.HasField("pixel_size_nm") else None,
        magnification=micrograph.magnification if micrograph.HasField("magnification") else None,
        labels=dict(micrograph.labels),
        max_wait_seconds=micrograph.max_wait.ToTimedelta().total_seconds()
        if micrograph.HasField("max_wait")
        else None,
        heat_maps=_outputs(micrograph.heat_maps),
    )


def _outputs(numbers: Iterable[int]) -> tuple[str, ...]:
    """Names of outputs; numbers that this version does not know are left out."""
    known = classification_pb2.Output.DESCRIPTOR.values_by_number
    return tuple(
        known[number].name.removeprefix("OUTPUT_").lower()
        for number in sorted(set(numbers))
        if number in known and number != classification_pb2.OUTPUT_UNSPECIFIED
    )


def to_request(message: service_pb.ClassifyMicrographsRequest) -> Request:
    """One message of a stream. Raises InvalidRequest for an empty one or a bad cursor."""
    match message.WhichOneof("request"):
        case "micrograph":
            return to_submission(message.micrograph)
        case "open_job":
            opening = message.open_job
            return OpenJob(
                opening.job, _position(opening), _lane(opening), opening.provisional_cases
            )
        case "close_case":
            if not message.close_case.case_id:
                raise InvalidRequest(
                    "close_case needs a case_id; close_job closes all cases of the job.",
                    reason="INVALID_CASE_ID",
                    field="close_case.case_id",
                )
            return Close(message.close_case.case_id)
        case "close_job":
            return Close("")
        case _:
            raise InvalidRequest(
                "A request must hold open_job, micrograph, close_case or close_job; this one holds "
                "none of them.",
                reason="EMPTY_REQUEST",
                field="request",
            )


def _position(opening: service_pb.OpenJob) -> int:
    if opening.cursor and not opening.job:
        raise bad_cursor("open_job.cursor")
    return to_position(opening.cursor, "open_job.cursor")


def to_position(cursor: str, field: str) -> int:
    """The position that a cursor names; 0 for none. Raises InvalidRequest for what is none."""
    if not cursor:
        return 0
    if cursor.isascii() and cursor.isdigit() and len(cursor) <= 18:
        return int(cursor)
    raise bad_cursor(field)


def bad_cursor(field: str) -> InvalidRequest:
    """The error for a cursor that no response gave."""
    return InvalidRequest(
        "cursor must be empty or as a response of the same job gave it.",
        reason="INVALID_CURSOR",
        field=field,
    )


def _lane(opening: service_pb.OpenJob) -> Lane | None:
    lane = to_lane(opening.lane, "open_job.lane")
    if lane is not None and opening.job:
        raise InvalidRequest(
            "lane is for a new job; one that is resumed keeps its own. Leave it out.",
            reason="INVALID_LANE",
            field="open_job.lane",
        )
    return lane
