"""What crosses the queue survives it, and garbage is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.classification import (
    Assessment,
    Call,
    Classification,
    Finding,
    FindingCode,
    InputSummary,
    Location,
    ModelIdentity,
    PixelSizeSource,
)
from services.common.errors import InternalError
from services.common.messages import (
    WAKE_UP,
    ImageDetails,
    ImageRecord,
    ImageRef,
    Outcome,
    check_wake_up,
    decode_outcome,
    decode_record,
    encode_details,
    encode_outcome,
)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
PROBABILITIES = st.floats(0, 1)
ASSESSMENTS = st.builds(Assessment, PROBABILITIES, st.sampled_from(Call))

CLASSIFICATIONS = st.builds(
    Classification,
    presence=ASSESSMENTS,
    locations=st.fixed_dictionaries(dict.fromkeys(Location, ASSESSMENTS)),
    input=st.builds(
        InputSummary,
        format=TEXTS,
        width=st.integers(0, 2**31 - 1),
        height=st.integers(0, 2**31 - 1),
        bit_depth=st.sampled_from([8, 16, 32]),
        color=TEXTS,
        pages=st.integers(1, 1000),
        pixel_size_nm=FINITE,
        pixel_size_source=st.sampled_from(PixelSizeSource),
        analysed_height=st.integers(0, 2**31 - 1),
        windows=st.integers(1, 64),
    ),
    model=st.builds(ModelIdentity, TEXTS, TEXTS, TEXTS),
    findings=st.lists(st.builds(Finding, st.sampled_from(FindingCode), TEXTS)).map(tuple),
    decode_seconds=FINITE,
    inference_seconds=FINITE,
    notice=TEXTS,
)
ERRORS = st.dictionaries(TEXTS, TEXTS, max_size=4)
OUTCOMES = st.builds(
    Outcome,
    image_id=TEXTS,
    case_id=TEXTS,
    classification=CLASSIFICATIONS,
    queue_seconds=FINITE,
) | st.builds(Outcome, image_id=TEXTS, case_id=TEXTS, error=ERRORS, queue_seconds=FINITE)
DETAILS = st.builds(ImageDetails, TEXTS, TEXTS, st.none() | FINITE)


@given(DETAILS)
def test_what_a_client_said_of_an_image_survives_redis(details: ImageDetails) -> None:
    # When
    record = decode_record(f"00ff 123 1700000000.5 0.0 {encode_details(details)}".encode())

    # Then
    assert record == ImageRecord("00ff", 123, 1_700_000_000.5, 0.0, details)


def test_the_name_of_an_image_in_lanes_keeps_job_and_id_apart() -> None:
    assert ImageRef("0" * 32, "a|b").member == "0" * 32 + "|a|b"


@given(OUTCOMES)
def test_an_outcome_survives_the_result_stream(outcome: Outcome) -> None:
    assert decode_outcome(encode_outcome(outcome)) == outcome


def test_a_wake_up_is_understood() -> None:
    check_wake_up(WAKE_UP)


@pytest.mark.parametrize(
    "garbage", [None, 7, "text", [["job", "image"]], {"wake_up": 2}, {}], ids=repr
)
def test_what_is_no_wake_up_is_an_internal_error(garbage: object) -> None:
    with pytest.raises(InternalError, match="no wake-up"):
        check_wake_up(garbage)


@given(st.binary(max_size=100))
def test_what_is_no_record_is_an_internal_error(garbage: bytes) -> None:
    with pytest.raises(InternalError, match="record cannot be read"):
        decode_record(garbage)


@given(st.binary(max_size=100))
def test_what_is_no_outcome_is_an_internal_error(garbage: bytes) -> None:
    with pytest.raises(InternalError, match="result cannot be read"):
        decode_outcome(garbage)
