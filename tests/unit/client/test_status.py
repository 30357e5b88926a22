"""Statuses and their details become errors that say the same."""

import grpc
import pytest
from google.rpc import code_pb2

from services.client.errors import (
    DeadlineExceeded,
    DensaError,
    ImageConflict,
    InvalidRequest,
    NotFound,
    Overloaded,
    ServiceFailure,
    Unavailable,
)
from services.client.status import error_from_rpc, error_from_status, is_interruption
from tests.unit.client.fake_service import status_of


def _failure(code: grpc.StatusCode, details: str) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details)


def test_reason_field_and_delay_are_read_from_the_details() -> None:
    # Given
    status = status_of(
        code_pb2.RESOURCE_EXHAUSTED, "Full.", "QUEUE_FULL", field="image", retry_after=7
    )

    # When
    error = error_from_status(status)

    # Then
    assert isinstance(error, Overloaded)
    assert (error.message, error.reason, error.field, error.retry_after) == (
        "Full.",
        "QUEUE_FULL",
        "image",
        7.0,
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (code_pb2.INVALID_ARGUMENT, InvalidRequest),
        (code_pb2.ALREADY_EXISTS, ImageConflict),
        (code_pb2.NOT_FOUND, NotFound),
        (code_pb2.UNAVAILABLE, Unavailable),
        (code_pb2.DEADLINE_EXCEEDED, DeadlineExceeded),
        (code_pb2.INTERNAL, ServiceFailure),
        (4711, ServiceFailure),
    ],
)
def test_every_code_has_its_error(code: int, kind: type[DensaError]) -> None:
    # When
    error = error_from_status(status_of(code, "No.", ""))

    # Then
    assert type(error) is kind
    assert error.reason == kind.default_reason
    assert error.retry_after is None


def test_nothing_at_an_address_is_said_in_a_sentence() -> None:
    # Given
    failure = _failure(
        grpc.StatusCode.UNAVAILABLE, "failed to connect: ipv4:1.2.3.4:5: Connection refused"
    )

    # When
    error = error_from_rpc(failure, "1.2.3.4:5")

    # Then
    assert str(error) == "No Densa service answers at 1.2.3.4:5: Connection refused."


def test_a_code_without_details_names_itself() -> None:
    # When
    error = error_from_rpc(_failure(grpc.StatusCode.UNIMPLEMENTED, "Method not found!"), "a:1")

    # Then
    assert isinstance(error, ServiceFailure)
    assert "UNIMPLEMENTED" in str(error)


@pytest.mark.parametrize(
    ("code", "details", "expected"),
    [
        (grpc.StatusCode.UNAVAILABLE, "Socket closed", True),
        (grpc.StatusCode.CANCELLED, "", True),
        (grpc.StatusCode.INTERNAL, "Received RST_STREAM with code 2", True),
        (grpc.StatusCode.INTERNAL, "A bug.", False),
        (grpc.StatusCode.INVALID_ARGUMENT, "", False),
    ],
)
def test_an_interruption_is_told_from_a_refusal(
    code: grpc.StatusCode, details: str, *, expected: bool
) -> None:
    assert is_interruption(_failure(code, details)) is expected
