"""Whatever is sent: a clear error with reason and field, and the service serves others."""

import math
from typing import Any

import grpc
import pytest
from densa.v1.micrograph_pb2 import Micrograph

from tests.integration.bad_images import unreadable
from tests.integration.calls import (
    Stream,
    classify,
    field_of,
    grey,
    reason_of,
    refusal,
    status_of,
)
from tests.integration.micrographs import TOLERANCE, micrograph, presence
from tests.integration.processes import Service
from tests.waiting import until

INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "empty bytes": ({"image": b""}, "EMPTY_IMAGE", "image"),
    "text called .tif": ({"image": b"Final report: IgA\n"}, "UNSUPPORTED_FORMAT", "image"),
    "pixel size that is no number": ({"pixel_size_nm": math.nan}, "INVALID_PIXEL_SIZE", ""),
    "infinite pixel size": ({"pixel_size_nm": math.inf}, "INVALID_PIXEL_SIZE", ""),
    "negative pixel size": ({"pixel_size_nm": -4.6}, "INVALID_PIXEL_SIZE", ""),
    "negative magnification": ({"magnification": -1.0}, "INVALID_MAGNIFICATION", "magnification"),
    "control characters in the id": ({"image_id": "a\x1b[2Jb"}, "INVALID_IMAGE_ID", "image_id"),
    "reversed text in the id": ({"image_id": "a\u202egpj"}, "INVALID_IMAGE_ID", "image_id"),
    "endless id": ({"image_id": "a" * 100_000}, "INVALID_IMAGE_ID", "image_id"),
    "control characters in the case": ({"case_id": "a\nb"}, "INVALID_CASE_ID", "case_id"),
    "endless label": ({"labels": {"k": "v" * 10_000}}, "INVALID_LABELS", "labels"),
}
"""What the gateway itself refuses: fields, reason, and the field named (pixel_size_nm)."""


def _micrograph(fields: dict[str, Any]) -> Micrograph:
    return Micrograph(**{"image_id": "bad", "image": micrograph(50), **fields})


async def _still_serves(stub: Any) -> None:
    answer = await classify(stub, grey("good", 123))
    assert answer.presence.probability == pytest.approx(presence(123), abs=TOLERANCE)


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_names_its_reason_and_field(stub: Any, name: str) -> None:
    # Given
    fields, reason, field = REFUSED[name]

    # When
    error = await refusal(stub, _micrograph(fields))

    # Then
    status = status_of(error)
    assert error.code() is INVALID_ARGUMENT
    assert reason_of(status) == reason
    assert field_of(status) == f"micrograph.{field or 'pixel_size_nm'}"
    assert status.message
    await _still_serves(stub)


@pytest.mark.parametrize("name", unreadable())
async def test_a_file_that_cannot_be_read_names_its_reason_and_field(
    stub: Any, service: Service, name: str
) -> None:
    # Given
    image, reason = unreadable()[name]

    # When
    error = await refusal(stub, Micrograph(image=image, pixel_size_nm=46))

    # Then
    status = status_of(error)
    assert error.code() is INVALID_ARGUMENT
    assert reason_of(status) == reason, status.message
    assert field_of(status) == "micrograph.image"
    await _still_serves(stub)
    await until(lambda: not service.images)


async def test_a_stream_of_bad_images_fails_none_of_the_good_ones_between_them(stub: Any) -> None:
    # Given
    stream = Stream(stub)
    await stream.open()
    count = len(REFUSED) + len(unreadable())
    good = iter(grey(f"good {n}", 20 + n) for n in range(count))

    # When
    for fields, _, _ in REFUSED.values():
        await stream.send(_micrograph(fields), next(good))
    for name, (image, _) in unreadable().items():
        await stream.send(Micrograph(image_id=name, image=image), next(good))
    await stream.finish()

    # Then
    failed = {one.image_id: one.error for one in stream.results if one.HasField("error")}
    assert {name: reason_of(error) for name, error in failed.items()} == {
        name: reason for name, (_, reason) in unreadable().items()
    }
    assert len([one for one in stream.responses if one.HasField("rejected")]) == len(REFUSED)
    assert {
        one.image_id: one.classification.presence.probability
        for one in stream.results
        if one.HasField("classification")
    } == {f"good {n}": pytest.approx(presence(20 + n), abs=TOLERANCE) for n in range(count)}
