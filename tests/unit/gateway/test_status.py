"""The one table from errors to codes: complete, and with details that programs can use."""

from typing import TypeVar
from unittest.mock import AsyncMock

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from services.common.errors import (
    KINDS,
    BundleError,
    Cancelled,
    DensaError,
    Expired,
    Forbidden,
    ImageConflict,
    InternalError,
    InvalidImage,
    InvalidRequest,
    JobCancelled,
    JobClosed,
    NotFound,
    Overloaded,
    Unavailable,
)
from services.gateway.status import DETAILS_KEY, abort, code_of, to_status

Detail = TypeVar("Detail", bound=Message)

CODES = {
    InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    InvalidImage: grpc.StatusCode.INVALID_ARGUMENT,
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

REASONS = {
    InvalidRequest: [
        "INVALID_IMAGE_ID",
        "INVALID_CASE_ID",
        "INVALID_PIXEL_SIZE",
        "INVALID_MAGNIFICATION",
        "INVALID_LABELS",
        "INVALID_MAX_WAIT",
        "INVALID_LANE",
    ],
    InvalidImage: [
        "EMPTY_IMAGE",
        "IMAGE_TOO_LARGE",
        "UNSUPPORTED_FORMAT",
        "TRUNCATED_IMAGE",
        "CORRUPT_IMAGE",
        "UNSUPPORTED_ENCODING",
        "IMAGE_DIMENSIONS_TOO_LARGE",
        "IMAGE_DIMENSIONS_TOO_SMALL",
        "FIELD_TOO_LARGE",
    ],
    ImageConflict: ["IMAGE_ID_CONFLICT"],
    NotFound: ["JOB_NOT_FOUND", "MODEL_NOT_FOUND"],
    Overloaded: [
        "OVERLOADED",
        "QUEUE_FULL",
        "SUBMITTER_FULL",
        "QUEUE_MEMORY_FULL",
        "STORE_FULL",
    ],
    Unavailable: ["QUEUE_UNAVAILABLE", "STORE_UNAVAILABLE", "NO_READY_WORKER", "SHUTTING_DOWN"],
    Expired: ["DEADLINE_EXCEEDED", "STREAM_IDLE"],
    Cancelled: ["CANCELLED"],
    JobCancelled: ["JOB_CANCELLED"],
    JobClosed: ["JOB_CLOSED", "CASE_CLOSED"],
    Forbidden: ["ADMIN_DISABLED", "ADMIN_TOKEN_WRONG"],
    BundleError: ["BUNDLE_INVALID", "DIGEST_MISMATCH"],
    InternalError: ["INTERNAL"],
}


def _detail(status: status_pb2.Status, kind: type[Detail]) -> Detail | None:
    detail = kind()
    return next((detail for packed in status.details if packed.Unpack(detail)), None)


def test_the_table_of_this_test_holds_every_kind_of_error() -> None:
    assert set(CODES) == set(REASONS) == set(KINDS.values())


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: str(kind.__name__))
def test_every_kind_of_error_has_its_code(kind: type[DensaError]) -> None:
    assert code_of(kind("")) is CODES[kind]


def test_full_and_broken_are_never_the_same_code() -> None:
    assert code_of(Overloaded("")) is not code_of(Unavailable(""))


@pytest.mark.parametrize(
    ("kind", "reason"), [(kind, reason) for kind, found in REASONS.items() for reason in found]
)
def test_every_reason_arrives_with_its_code_and_its_text(
    kind: type[DensaError], reason: str
) -> None:
    # When
    status = to_status(kind("What is wrong.", reason=reason))

    # Then
    info = _detail(status, error_details_pb2.ErrorInfo)
    assert status.code == CODES[kind].value[0]
    assert status.message == "What is wrong."
    assert info is not None
    assert (info.reason, info.domain) == (reason, "densa")


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: str(kind.__name__))
def test_a_field_arrives_as_a_violation_with_reason_and_text(kind: type[DensaError]) -> None:
    # When
    status = to_status(kind("What is wrong.", reason="SOME_REASON", field="micrograph.image"))

    # Then
    request = _detail(status, error_details_pb2.BadRequest)
    assert request is not None
    (violation,) = request.field_violations
    assert violation.field == "micrograph.image"
    assert violation.description == "What is wrong."
    assert violation.reason == "SOME_REASON"


def test_an_error_without_a_field_names_none() -> None:
    assert _detail(to_status(NotFound("")), error_details_pb2.BadRequest) is None


def test_full_says_when_to_come_back() -> None:
    # When
    retry = _detail(to_status(Overloaded("", retry_after=2.5)), error_details_pb2.RetryInfo)

    # Then
    assert retry is not None
    assert retry.retry_delay.ToMilliseconds() == 2500


def test_broken_says_when_to_come_back() -> None:
    retry = _detail(to_status(Unavailable("")), error_details_pb2.RetryInfo)
    assert retry is not None
    assert retry.retry_delay.ToMilliseconds() > 0


@pytest.mark.parametrize("kind", sorted(set(CODES) - {Overloaded, Unavailable}, key=str))
def test_nothing_else_invites_to_come_back(kind: type[DensaError]) -> None:
    assert _detail(to_status(kind("")), error_details_pb2.RetryInfo) is None


async def test_a_call_ends_with_code_text_and_details_in_the_trailer() -> None:
    # Given
    context = AsyncMock()
    error = NotFound("There is no such job.", field="open_job.job")

    # When
    await abort(context, error)

    # Then
    code, text, ((key, details),) = context.abort.await_args.args
    assert (code, text, key) == (grpc.StatusCode.NOT_FOUND, error.message, DETAILS_KEY)
    assert status_pb2.Status.FromString(details) == to_status(error)
