"""Requests become our values, and events become responses."""

import pytest
from densa.v1 import classification_service_pb2 as service_pb
from densa.v1 import lane_pb2, micrograph_pb2
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2

from services.common.errors import ImageConflict, InvalidRequest
from services.common.lanes import Lane
from services.common.messages import Outcome
from services.gateway.admission import Submission
from services.gateway.events import Accepted, JobOpened, OpenJob, Rejected, Result
from services.gateway.request_converters import to_lane, to_request, to_submission
from services.gateway.responses import to_response
from tests.fakes.classifier import classification


def test_a_micrograph_becomes_a_submission_with_all_it_says() -> None:
    # Given
    micrograph = micrograph_pb2.Micrograph(
        image_id="a",
        image=b"bytes",
        case_id="c",
        pixel_size_nm=4.6,
        magnification=8000,
        labels={"stain": "OsO4"},
    )

    # Then
    assert to_submission(micrograph) == Submission("a", b"bytes", "c", 4.6, 8000, {"stain": "OsO4"})


def test_what_a_micrograph_does_not_say_is_unknown_and_not_zero() -> None:
    assert to_submission(micrograph_pb2.Micrograph(image_id="a")) == Submission("a", b"")
    zero = to_submission(micrograph_pb2.Micrograph(pixel_size_nm=0, magnification=0))
    assert (zero.pixel_size_nm, zero.magnification) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("job", "cursor", "expected"),
    [("", "", OpenJob("", 0)), ("j", "", OpenJob("j", 0)), ("j", "17", OpenJob("j", 17))],
)
def test_opening_a_job_says_which_and_from_where(job: str, cursor: str, expected: OpenJob) -> None:
    message = service_pb.ClassifyMicrographsRequest(open_job={"job": job, "cursor": cursor})
    assert to_request(message) == expected


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", " 1", "²", "1" * 19, "0x1", "1\n"])
def test_a_cursor_that_no_response_gave_is_refused(cursor: str) -> None:
    # Given
    message = service_pb.ClassifyMicrographsRequest(open_job={"job": "j", "cursor": cursor})

    # When
    with pytest.raises(InvalidRequest) as caught:
        to_request(message)

    # Then
    assert (caught.value.reason, caught.value.field) == ("INVALID_CURSOR", "open_job.cursor")


def test_a_cursor_without_its_job_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        to_request(service_pb.ClassifyMicrographsRequest(open_job={"cursor": "1"}))
    assert caught.value.reason == "INVALID_CURSOR"


def test_a_request_that_holds_nothing_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        to_request(service_pb.ClassifyMicrographsRequest())
    assert (caught.value.reason, caught.value.field) == ("EMPTY_REQUEST", "request")


def test_the_cursor_of_each_response_opens_the_job_where_it_left_off() -> None:
    # Given
    events: list[JobOpened | Result] = [
        JobOpened("j", 4),
        Result(5, Outcome("a", classification=classification(1))),
    ]

    for event in events:
        # When
        cursor = to_response(event).cursor
        reopened = to_request(
            service_pb.ClassifyMicrographsRequest(open_job={"job": "j", "cursor": cursor})
        )

        # Then
        assert reopened == OpenJob("j", event.position)


def test_accepted_and_rejected_have_no_cursor() -> None:
    # When
    accepted = to_response(Accepted("a", duplicate=True))
    rejected = to_response(Rejected("b", ImageConflict("Other bytes.")))

    # Then
    assert (accepted.accepted.image_id, accepted.accepted.duplicate) == ("a", True)
    assert rejected.rejected.image_id == "b"
    assert rejected.rejected.error.code == code_pb2.ALREADY_EXISTS
    assert accepted.cursor == rejected.cursor == ""


def test_a_new_job_may_name_its_lane_and_one_that_is_resumed_may_not() -> None:
    # Given
    def request(job: str) -> service_pb.ClassifyMicrographsRequest:
        opening = service_pb.OpenJob(job=job, lane=lane_pb2.LANE_BULK)
        return service_pb.ClassifyMicrographsRequest(open_job=opening)

    # Then
    assert to_request(request("")) == OpenJob("", 0, Lane.BULK)
    with pytest.raises(InvalidRequest) as caught:
        to_request(request("j"))
    assert (caught.value.reason, caught.value.field) == ("INVALID_LANE", "open_job.lane")


def test_a_lane_of_a_newer_contract_is_refused_and_none_is_none() -> None:
    # Given
    unknown = service_pb.OpenJob()
    unknown.ParseFromString(b"\x18\x63")

    # Then
    assert to_lane(lane_pb2.LANE_UNSPECIFIED, "lane") is None
    with pytest.raises(InvalidRequest, match="no lane 99"):
        to_lane(unknown.lane, "lane")


def test_how_long_an_image_may_wait_is_as_the_client_says_or_unknown() -> None:
    # Given
    said = micrograph_pb2.Micrograph(max_wait=Duration(seconds=2, nanos=500_000_000))

    # Then
    assert to_submission(said).max_wait_seconds == 2.5
    assert to_submission(micrograph_pb2.Micrograph()).max_wait_seconds is None
