"""What a stream tells, as messages of the contract."""

from densa.v1 import classification_service_pb2 as service_pb

from services.gateway.case_converters import to_case_result
from services.gateway.converters import to_result
from services.gateway.events import (
    Accepted,
    CaseSoFar,
    Closed,
    Event,
    JobOpened,
    Rejected,
    Result,
)
from services.gateway.status import to_status


def to_response(event: Event) -> service_pb.ClassifyMicrographsResponse:
    """One message to the client of a stream."""
    response = service_pb.ClassifyMicrographsResponse()
    match event:
        case JobOpened(job, position):
            response.job_opened.job = job
            response.cursor = str(position)
        case Accepted(image_id, duplicate):
            response.accepted.image_id = image_id
            response.accepted.duplicate = duplicate
        case Rejected(image_id, error):
            response.rejected.image_id = image_id
            response.rejected.error.CopyFrom(to_status(error))
        case Result(position, outcome) if outcome.case is not None:
            response.case_result.CopyFrom(to_case_result(outcome.case))
            response.cursor = str(position)
        case Result(position, outcome):
            response.result.CopyFrom(to_result(outcome))
            response.cursor = str(position)
        case CaseSoFar(found):
            response.case_result.CopyFrom(to_case_result(found))
        case Closed(case_id, case_results, error):
            response.closed.case_id = case_id
            response.closed.case_results = case_results
            if error is not None:
                response.closed.error.CopyFrom(to_status(error))
    return response
