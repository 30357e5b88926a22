"""gRPC statuses and google.rpc details to this client's errors: the one table."""

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from services.client.errors import (
    Cancelled,
    DeadlineExceeded,
    DensaError,
    Forbidden,
    ImageConflict,
    InvalidRequest,
    NotFound,
    Overloaded,
    ServiceFailure,
    Unavailable,
)

_ERRORS: dict[grpc.StatusCode, type[DensaError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.FAILED_PRECONDITION: InvalidRequest,
    grpc.StatusCode.OUT_OF_RANGE: InvalidRequest,
    grpc.StatusCode.ALREADY_EXISTS: ImageConflict,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.PERMISSION_DENIED: Forbidden,
    grpc.StatusCode.CANCELLED: Cancelled,
}
_CODES = {code.value[0]: code for code in grpc.StatusCode}

# How a stream ends when its other end goes away rather than answers: a gateway
# that stops cancels what is left, a proxy resets or aborts.
_INTERRUPTIONS = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.ABORTED}
)

# The same, where it happens inside gRPC: a proxy's reset, and a write that met
# a call which had just ended (grpc.aio then hides how it ended).
_INTERNAL_INTERRUPTIONS = ("RST_STREAM", "Internal error from Core")


def error_from_status(status: status_pb2.Status) -> DensaError:
    """The error that a google.rpc.Status tells of."""
    kind = _ERRORS.get(_CODES.get(status.code, grpc.StatusCode.UNKNOWN), ServiceFailure)
    info, bad_request, retry = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.RetryInfo(),
    )
    for detail in status.details:
        for message in (info, bad_request, retry):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    violations = bad_request.field_violations
    return kind(
        status.message,
        reason=info.reason,
        field=violations[0].field if violations else "",
        retry_after=(
            retry.retry_delay.ToTimedelta().total_seconds()
            if retry.HasField("retry_delay")
            else None
        ),
    )


def error_from_rpc(error: grpc.aio.AioRpcError, address: str) -> DensaError:
    """The error that a failed call tells of; where nothing answered, with what to do about it."""
    status = rpc_status.from_call(error)
    if status is not None:
        return error_from_status(status)
    code, details = error.code(), error.details() or "no details"
    if code is grpc.StatusCode.UNAVAILABLE:
        # gRPC's text names every address and layer; its end says what happened.
        return Unavailable(f"No Densa service answers at {address}: {details.split(': ')[-1]}.")
    kind = _ERRORS.get(code, ServiceFailure)
    return kind(f"{address} answered {code.name}: {details}")


def is_interruption(error: grpc.aio.AioRpcError) -> bool:
    """Whether a stream was cut rather than refused, so that opening it again may help."""
    details = error.details() or ""
    return error.code() in _INTERRUPTIONS or (
        error.code() is grpc.StatusCode.INTERNAL
        and any(text in details for text in _INTERNAL_INTERRUPTIONS)
    )
