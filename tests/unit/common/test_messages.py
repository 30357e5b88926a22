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
    DIGEST_LENGTH,
    ImageRecord,
    ImageRef,
    Outcome,
    decode_batch,
    decode_outcome,
    decode_record,
    encode_batch,
    encode_outcome,
    encode_record,
)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
PROBABILITIES = st.floats(0, 1)
DIGESTS = st.text("0123456789abcdef", min_size=DIGEST_LENGTH, max_size=DIGEST_LENGTH)
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
RECORDS = st.builds(ImageRecord, DIGESTS, FINITE, TEXTS, st.none() | FINITE)


@given(st.lists(st.builds(ImageRef, TEXTS, TEXTS)))
def test_a_batch_survives_the_queue(images: list[ImageRef]) -> None:
    assert decode_batch(encode_batch(images)) == images


@given(RECORDS)
def test_a_record_survives_redis(record: ImageRecord) -> None:
    assert decode_record(encode_record(record).encode()) == record


@given(RECORDS)
def test_a_record_begins_with_its_digest(record: ImageRecord) -> None:
    assert encode_record(record)[:DIGEST_LENGTH] == record.digest


@given(OUTCOMES)
def test_an_outcome_survives_the_result_stream(outcome: Outcome) -> None:
    assert decode_outcome(encode_outcome(outcome)) == outcome


@pytest.mark.parametrize(
    "garbage",
    [None, 7, "text", [["job"]], [["job", "image", "more"]], [["job", 7]], {"job": "image"}],
    ids=repr,
)
def test_what_is_no_batch_is_an_internal_error(garbage: object) -> None:
    with pytest.raises(InternalError, match="no micro-batch"):
        decode_batch(garbage)


@given(st.binary(max_size=100))
def test_what_is_no_record_is_an_internal_error(garbage: bytes) -> None:
    with pytest.raises(InternalError, match="record cannot be read"):
        decode_record(garbage)


@given(st.binary(max_size=100))
def test_what_is_no_outcome_is_an_internal_error(garbage: bytes) -> None:
    with pytest.raises(InternalError, match="result cannot be read"):
        decode_outcome(garbage)
