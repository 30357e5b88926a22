"""What is taken and what is not, with the reason and the field."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidImage, InvalidRequest
from services.gateway.admission import (
    MAX_ID_CHARACTERS,
    MAX_LABELS,
    MAX_PIXEL_SIZE_NM,
    MIN_PIXEL_SIZE_NM,
    Submission,
    check_submission,
)

PNG = b"\x89PNG\r\n\x1a\n and so on"
GOOD = Submission("a", PNG)
LIMIT = 1000


def _refused(submission: Submission, reason: str, field: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check_submission(submission, LIMIT)
    assert (caught.value.reason, caught.value.field) == (reason, f"micrograph.{field}")
    return caught.value


@pytest.mark.parametrize(
    "image",
    [b"\xff\xd8\xff\xe0", PNG, b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"],
    ids=["jpeg", "png", "tiff little", "tiff big", "bigtiff little", "bigtiff big"],
)
def test_every_format_of_the_contract_is_taken(image: bytes) -> None:
    check_submission(replace(GOOD, image=image), LIMIT)


def test_everything_at_its_limit_is_taken() -> None:
    check_submission(
        Submission(
            image_id="é" * MAX_ID_CHARACTERS,
            image=PNG.ljust(LIMIT),
            case_id="case 7 / левая почка",
            pixel_size_nm=MIN_PIXEL_SIZE_NM,
            magnification=8000,
            labels={f"{n:063}": "v" * 255 for n in range(MAX_LABELS)},
        ),
        LIMIT,
    )
    check_submission(replace(GOOD, pixel_size_nm=MAX_PIXEL_SIZE_NM), LIMIT)


BAD_IDS = {
    "too long": "a" * (MAX_ID_CHARACTERS + 1),
    "newline": "a\nb",
    "null": "a\0b",
    "escape": "a\x1b[31mb",
    "delete": "a\x7fb",
    "c1 control": "a\x85b",
    "right-to-left override": "a\u202eb",
    "isolate": "a\u2066b",
    "zero width": "a\u200bb",
    "byte order mark": "\ufeffa",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
}


@pytest.mark.parametrize("bad", BAD_IDS.values(), ids=list(BAD_IDS))
@pytest.mark.parametrize("name", ["image_id", "case_id"])
def test_an_id_that_could_deceive_a_reader_is_refused(name: str, bad: str) -> None:
    # When
    error = _refused(
        Submission(**{"image_id": "a", "image": PNG, name: bad}),  # type: ignore[arg-type]
        f"INVALID_{name.upper()}",
        name,
    )

    # Then: the message is safe to log
    assert bad not in error.message


def test_an_image_id_is_needed_and_a_case_id_is_not() -> None:
    _refused(replace(GOOD, image_id=""), "INVALID_IMAGE_ID", "image_id")
    check_submission(replace(GOOD, case_id=""), LIMIT)


@pytest.mark.parametrize("size", [math.nan, math.inf, -math.inf, -4.6, 0.0, 0.049, 500.1])
def test_an_impossible_pixel_size_is_refused(size: float) -> None:
    _refused(replace(GOOD, pixel_size_nm=size), "INVALID_PIXEL_SIZE", "pixel_size_nm")


@pytest.mark.parametrize("magnification", [math.nan, math.inf, -math.inf, -8000.0, 0.0])
def test_an_impossible_magnification_is_refused(magnification: float) -> None:
    _refused(replace(GOOD, magnification=magnification), "INVALID_MAGNIFICATION", "magnification")


@pytest.mark.parametrize(
    "labels",
    [{str(n): "" for n in range(MAX_LABELS + 1)}, {"": "v"}, {"k" * 64: "v"}, {"k": "v" * 256}],
    ids=["too many", "empty key", "long key", "long value"],
)
def test_labels_out_of_bounds_are_refused(labels: dict[str, str]) -> None:
    _refused(replace(GOOD, labels=labels), "INVALID_LABELS", "labels")


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (b"", "EMPTY_IMAGE"),
        (PNG.ljust(LIMIT + 1), "IMAGE_TOO_LARGE"),
        (b"Patient report, text called .tif", "UNSUPPORTED_FORMAT"),
        (b"\xff\xd8", "UNSUPPORTED_FORMAT"),
        (b"II*", "UNSUPPORTED_FORMAT"),
        (b"GIF89a", "UNSUPPORTED_FORMAT"),
    ],
    ids=["empty", "too large", "text", "two bytes", "three bytes", "gif"],
)
def test_bytes_that_can_be_no_micrograph_are_refused(image: bytes, reason: str) -> None:
    error = _refused(replace(GOOD, image=image), reason, "image")
    assert isinstance(error, InvalidImage)


@given(st.binary(max_size=40))
def test_any_bytes_are_taken_or_refused_and_nothing_else(image: bytes) -> None:
    try:
        check_submission(replace(GOOD, image=image), LIMIT)
    except InvalidImage as error:
        assert error.reason in {"EMPTY_IMAGE", "UNSUPPORTED_FORMAT"}  # noqa: PT017


def test_neither_pixels_nor_labels_show_when_a_submission_is_printed() -> None:
    # Given
    submission = Submission("a", b"pixels of a person", labels={"name": "of a person"})

    # Then
    assert "of a person" not in repr(submission)
