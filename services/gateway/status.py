"""The one table: our errors as canonical gRPC codes with google.rpc details."""

import asyncio

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

from services.common.errors import (
    BundleError,
    Cancelled,
    DensaError,
    Expired,
    Forbidden,
    ImageConflict,
    InternalError,
    InvalidRequest,
    JobCancelled,
    JobClosed,
    NotFound,
    Overloaded,
    Unavailable,
)

DOMAIN = "densa"
"""ErrorInfo.domain of every error."""

DETAILS_KEY = "grpc-status-details-bin"
"""The trailer in which gRPC carries google.rpc.Status."""

UNAVAILABLE_RETRY_SECONDS = 1.0
"""RetryInfo for a part that is away: restarts take about this long."""

_CODES: dict[type[DensaError], grpc.StatusCode] = {
    InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    ImageConflict: grpc.StatusCode.ALREADY_EXISTS,
    NotFound: grpc.StatusCode.NOT_FOUND,
    Overloaded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Unavailable: grpc.StatusCode.UNAVAILABLE,
    Expired: grpc.StatusCode.DEADLINE_EXCEEDED,
    Cancelled: grpc.StatusCode.CANCELLED,
    JobCancelled: grpc.StatusCode.FAILED_PRECONDITION,
    JobClosed: grpc.StatusCode.FAILED_PRECONDITION,
    Forbidden: grpc.StatusCode.PERMISSION_DENIED,
    BundleError: grpc.StatusCode.FAILED_PRECONDITION,
    InternalError: grpc.StatusCode.INTERNAL,
}


_NAMES = {code.value[0]: code.name for code in grpc.StatusCode if code is not grpc.StatusCode.OK}


def code_of(error: DensaError) -> grpc.StatusCode:
    """The canonical code of an error: that of its class, or of the nearest class above."""
    for kind in type(error).__mro__:
        if kind in _CODES:
            return _CODES[kind]
    return grpc.StatusCode.INTERNAL


def code_name(code: object, failed: BaseException | None) -> str:
    """The name of the code a call ended with, from what its context has and what it raised."""
    if isinstance(code, grpc.StatusCode):
        return code.name
    if isinstance(code, int) and code in _NAMES:
        return _NAMES[code]
    if isinstance(failed, asyncio.CancelledError | GeneratorExit):
        return grpc.StatusCode.CANCELLED.name
    return (grpc.StatusCode.OK if failed is None else grpc.StatusCode.UNKNOWN).name


def to_status(error: DensaError) -> status_pb2.Status:
    """The error as google.rpc.Status, with ErrorInfo and what else helps the caller."""
    code: int = code_pb2.Code.Value(code_of(error).name)
    status = status_pb2.Status(code=code, message=error.message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN))
    if error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=error.message, reason=error.reason
        )
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    retry_after = _retry_after(error)
    if retry_after is not None:
        delay = Duration()
        delay.FromMilliseconds(round(1000 * retry_after))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    return status


def _retry_after(error: DensaError) -> float | None:
    if isinstance(error, Overloaded):
        return error.retry_after
    return UNAVAILABLE_RETRY_SECONDS if isinstance(error, Unavailable) else None


async def abort(context: grpc.aio.ServicerContext[object, object], error: DensaError) -> None:
    """Ends the call with the error. Always raises."""
    await context.abort(
        code_of(error),
        error.message,
        ((DETAILS_KEY, to_status(error).SerializeToString()),),
    )
