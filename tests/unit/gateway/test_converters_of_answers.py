"""Outcomes become messages of the contract, nothing lost."""

import math
from dataclasses import replace

import pytest
from densa.v1 import classification_pb2 as pb
from google.rpc import code_pb2

from services.common.classification import (
    Assessment,
    Call,
    Finding,
    FindingCode,
    InputSummary,
    Location,
    PixelSizeSource,
)
from services.common.errors import InvalidImage
from services.common.messages import Outcome
from services.gateway.converters import (
    CALLS,
    LOCATIONS,
    SOURCES,
    to_classification,
)
from services.gateway.events import Result
from services.gateway.responses import to_response
from tests.fakes.classifier import IDENTITY, classification


def test_an_outcome_that_is_an_error_arrives_as_a_status() -> None:
    # Given
    error = InvalidImage("The file ends early.", reason="TRUNCATED_IMAGE")

    # When
    result = to_response(Result(1, Outcome("a", "c", error=error.to_record()))).result

    # Then
    assert (result.image_id, result.case_id) == ("a", "c")
    assert result.WhichOneof("outcome") == "error"
    assert (result.error.code, result.error.message) == (
        code_pb2.INVALID_ARGUMENT,
        "The file ends early.",
    )


def test_a_classification_arrives_with_everything_it_says() -> None:
    # Given
    summary = InputSummary("TIFF", 3, 2, 16, "rgb", 4, 4.6, PixelSizeSource.FILE, 1, 9)
    answer = replace(
        classification(0, summary),
        presence=Assessment(0.75, Call.POSITIVE),
        locations={
            location: Assessment(0.1 * rank, Call.NEGATIVE)
            for rank, location in reversed(list(enumerate(Location)))
        },
        findings=(Finding(FindingCode.BANNER, "A banner of 1 row."),),
        decode_seconds=0.25,
        inference_seconds=0.5,
    )

    # When
    result = to_response(Result(1, Outcome("a", "c", answer, queue_seconds=1.5))).result

    # Then
    proto = result.classification
    assert (proto.presence.probability, proto.presence.call) == (0.75, pb.CALL_POSITIVE)
    assert [(one.location, one.assessment.probability) for one in proto.locations] == [
        (pb.LOCATION_MESANGIAL, 0.0),
        (pb.LOCATION_SUBEPITHELIAL, 0.1),
        (pb.LOCATION_INTRAMEMBRANOUS, 0.2),
        (pb.LOCATION_SUBENDOTHELIAL, pytest.approx(0.3)),
    ]
    assert [(one.code, one.message) for one in proto.findings] == [
        (pb.FINDING_CODE_BANNER, "A banner of 1 row.")
    ]
    assert proto.input == pb.InputSummary(
        format="TIFF",
        width=3,
        height=2,
        analysed_height=1,
        bit_depth=16,
        color="rgb",
        pages=4,
        pixel_size_nm=4.6,
        pixel_size_source=pb.PIXEL_SIZE_SOURCE_FILE,
        windows=9,
    )
    assert (proto.model.name, proto.model.version) == (IDENTITY.name, IDENTITY.version)
    assert proto.model.digest == IDENTITY.digest
    assert proto.timing.queue_duration.ToMilliseconds() == 1500
    assert proto.timing.decode_duration.ToMilliseconds() == 250
    assert proto.timing.inference_duration.ToMilliseconds() == 500
    assert "Research Use Only" in proto.notice


@pytest.mark.parametrize("code", FindingCode)
def test_every_finding_has_a_code_in_the_contract(code: FindingCode) -> None:
    # When
    answer = replace(classification(0), findings=(Finding(code, "text"),))
    (finding,) = to_classification(Outcome("a", classification=answer)).findings

    # Then
    assert pb.FindingCode.Name(finding.code) == f"FINDING_CODE_{code}"


def test_every_value_of_the_contract_is_sent_and_unspecified_is_not() -> None:
    for ours, theirs in ((CALLS, pb.Call), (LOCATIONS, pb.Location), (SOURCES, pb.PixelSizeSource)):
        assert set(ours.values()) == set(theirs.values()) - {0}
    assert {f"FINDING_CODE_{code}" for code in FindingCode} == set(pb.FindingCode.keys()) - {
        "FINDING_CODE_UNSPECIFIED"
    }


def test_a_unary_outcome_that_is_an_error_is_raised() -> None:
    # Given
    error = InvalidImage("The file ends early.", reason="TRUNCATED_IMAGE")

    # When
    with pytest.raises(InvalidImage) as caught:
        to_classification(Outcome("a", error=error.to_record()))

    # Then
    assert caught.value.reason == "TRUNCATED_IMAGE"


@pytest.mark.parametrize("seconds", [math.inf, -math.inf, math.nan])
def test_a_duration_that_is_no_number_is_zero(seconds: float) -> None:
    timing = to_classification(Outcome("a", "", classification(0), None, seconds)).timing
    assert timing.queue_duration.ToMilliseconds() == 0
