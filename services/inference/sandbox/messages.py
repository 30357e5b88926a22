"""What a worker and a decoder process say to each other. Plain data as JSON, never objects:
a decoder that a file has taken over must not be able to make its worker run anything.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from services.common.classification import Finding, InputSummary
from services.common.errors import DensaError
from services.inference.classifier import PreparedImage
from services.inference.decoding import DecodeLimits
from services.inference.preprocessing import Box, ModelInput


@dataclass(frozen=True, slots=True)
class Order:
    """Read the image that lies on the desk, and lay its windows there instead."""

    size: int
    """Bytes of the file."""
    pixel_size_nm: float | None
    model_input: ModelInput
    limits: DecodeLimits
    max_windows: int
    seconds: float
    """After so long the process ends itself, should nobody be there to end it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a decoder says of an image. Either `error`, or `prepared`, or neither where the
    memory did not suffice.
    """

    error: dict[str, str] | None = None
    """As services.common.errors.DensaError.to_record wrote it."""
    prepared: "Prepared | None" = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """services.inference.classifier.PreparedImage without its pixels, which lie on the desk."""

    boxes: tuple[Box, ...]
    pixel_size_nm: float
    assumed: bool
    summary: InputSummary
    findings: tuple[Finding, ...]
    decode_seconds: float
    pixel_size_tag: str


_ORDER: TypeAdapter[Order] = TypeAdapter(Order)
_REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)


def encode_order(order: Order) -> bytes:
    """The order as JSON."""
    return _ORDER.dump_json(order)


def decode_order(text: bytes) -> Order:
    """The inverse of `encode_order`."""
    return _ORDER.validate_json(text)


def describe(image: PreparedImage) -> Reply:
    """The reply for an image that was read."""
    windows = image.windows
    return Reply(
        prepared=Prepared(
            windows.boxes,
            windows.pixel_size_nm,
            windows.assumed,
            image.summary,
            image.findings,
            image.decode_seconds,
            image.pixel_size_tag,
        )
    )


def refuse(error: DensaError) -> Reply:
    """The reply for an image that cannot be read, and why."""
    return Reply(error=error.to_record())


def encode_reply(reply: Reply) -> bytes:
    """The reply as JSON."""
    return _REPLY.dump_json(reply)


def decode_reply(text: bytes) -> Reply | None:
    """The inverse of `encode_reply`; None where the text is no reply."""
    try:
        return _REPLY.validate_json(text)
    except ValidationError:
        return None
