"""What a worker and a decoder say to each other survives the way, and nonsense is seen."""

import numpy as np
import pytest

from services.common.classification import (
    Finding,
    FindingCode,
    InputSummary,
    PixelSizeSource,
)
from services.common.errors import InvalidImage
from services.inference.classifier import PreparedImage
from services.inference.decoding import DecodeLimits
from services.inference.preprocessing import Box, ModelInput, Windows
from services.inference.sandbox.messages import (
    Order,
    Reply,
    decode_order,
    decode_reply,
    describe,
    encode_order,
    encode_reply,
    refuse,
)

SUMMARY = InputSummary("PNG", 320, 256, 16, "grey", 1, 10.5, PixelSizeSource.FILE, 250, 1)
IMAGE = PreparedImage(
    windows=Windows(np.zeros((1, 1, 8, 8), np.uint8), (Box(0, 1.5, 8, 8),), 10.5, assumed=False),
    summary=SUMMARY,
    findings=(Finding(FindingCode.BANNER, "The lowest 6 rows."),),
    decode_seconds=0.25,
    pixel_size_tag="PNG pHYs",
)


def test_an_order_arrives_as_it_was_given() -> None:
    order = Order(1000, None, ModelInput(224, 46.0), DecodeLimits(10, 20), 64, 1.5)
    assert decode_order(encode_order(order)) == order


@pytest.mark.parametrize(
    "reply",
    [describe(IMAGE), refuse(InvalidImage("Cut off.", reason="TRUNCATED_IMAGE")), Reply()],
    ids=["read", "refused", "too little memory"],
)
def test_a_reply_arrives_as_it_was_given(reply: Reply) -> None:
    assert decode_reply(encode_reply(reply)) == reply


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"[]", b'{"prepared": {"boxes": []}}', b'{"error": {"kind": 1}}']
)
def test_what_is_no_reply_is_seen(text: bytes) -> None:
    assert decode_reply(text) is None
