"""What a micrograph must look like to be taken: ids, numbers, size, the first bytes.

Only the header is looked at. Whether the rest can be read, the worker finds out.
"""

import math
import unicodedata
from dataclasses import dataclass, field

from services.common.errors import InvalidImage, InvalidRequest

MAX_ID_CHARACTERS = 128
MAX_LABELS = 16
MAX_LABEL_KEY_CHARACTERS = 63
MAX_LABEL_VALUE_CHARACTERS = 255
MIN_PIXEL_SIZE_NM = 0.05
MAX_PIXEL_SIZE_NM = 500.0
"""Electron micrographs of tissue lie well within; what is outside is a wrong unit."""

_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"II+\x00": "TIFF",
    b"MM\x00+": "TIFF",
}

# Control, format (which holds the characters that reverse text) and separators
# of lines: none has a place in an id, and each can forge a line of a log.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Submission:
    """One micrograph as a client sent it."""

    image_id: str
    image: bytes = field(repr=False)
    case_id: str = ""
    pixel_size_nm: float | None = None
    magnification: float | None = None
    labels: dict[str, str] = field(default_factory=dict, repr=False)
    max_wait_seconds: float | None = None
    """How long it may wait for a worker."""
    heat_maps: tuple[str, ...] = ()
    """Outputs for which heat maps are wanted."""


def check_submission(submission: Submission, max_image_bytes: int) -> None:
    """Raises InvalidRequest or InvalidImage for the first thing that is wrong."""
    _check_id("image_id", submission.image_id)
    if submission.case_id:
        _check_id("case_id", submission.case_id)
    _check_numbers(submission)
    _check_labels(submission.labels)
    _check_image(submission.image, max_image_bytes)


def _check_id(name: str, value: str) -> None:
    problem = ""
    if not value:
        problem = "is empty"
    elif len(value) > MAX_ID_CHARACTERS:
        problem = f"has {len(value)} characters"
    elif any(unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in value):
        problem = "holds control characters"
    if problem:
        raise InvalidRequest(
            f"{name} {problem}; it must have 1 to {MAX_ID_CHARACTERS} characters and no "
            "control or format characters.",
            reason=f"INVALID_{name.upper()}",
            field=f"micrograph.{name}",
        )


def _check_numbers(submission: Submission) -> None:
    size = submission.pixel_size_nm
    if size is not None and not MIN_PIXEL_SIZE_NM <= size <= MAX_PIXEL_SIZE_NM:
        raise InvalidRequest(
            f"pixel_size_nm is {size:g}; it must be a number from {MIN_PIXEL_SIZE_NM:g} to "
            f"{MAX_PIXEL_SIZE_NM:g} nanometres. Leave it out where it is unknown.",
            reason="INVALID_PIXEL_SIZE",
            field="micrograph.pixel_size_nm",
        )
    wait = submission.max_wait_seconds
    if wait is not None and not wait > 0:
        raise InvalidRequest(
            f"max_wait is {wait:g} s; it must be longer than nothing. Leave it out to wait for "
            "as long as it takes.",
            reason="INVALID_MAX_WAIT",
            field="micrograph.max_wait",
        )
    magnification = submission.magnification
    if magnification is not None and not (math.isfinite(magnification) and magnification > 0):
        raise InvalidRequest(
            f"magnification is {magnification:g}; it must be a positive number.",
            reason="INVALID_MAGNIFICATION",
            field="micrograph.magnification",
        )


def _check_labels(labels: dict[str, str]) -> None:
    if len(labels) > MAX_LABELS or any(
        not 1 <= len(key) <= MAX_LABEL_KEY_CHARACTERS or len(value) > MAX_LABEL_VALUE_CHARACTERS
        for key, value in labels.items()
    ):
        raise InvalidRequest(
            f"labels may be at most {MAX_LABELS}, with keys of 1 to {MAX_LABEL_KEY_CHARACTERS} "
            f"and values of at most {MAX_LABEL_VALUE_CHARACTERS} characters.",
            reason="INVALID_LABELS",
            field="micrograph.labels",
        )


def _check_image(image: bytes, max_image_bytes: int) -> None:
    if not image:
        raise InvalidImage(
            "The image is empty: no bytes were sent.",
            reason="EMPTY_IMAGE",
            field="micrograph.image",
        )
    if len(image) > max_image_bytes:
        raise InvalidImage(
            f"The image has {len(image):,} bytes; at most {max_image_bytes:,} are taken.",
            reason="IMAGE_TOO_LARGE",
            field="micrograph.image",
        )
    if not any(image.startswith(signature) for signature in _SIGNATURES):
        raise InvalidImage(
            "The bytes are neither JPEG, PNG nor TIFF, whatever the file is called. "
            "Export the micrograph in one of these formats.",
            reason="UNSUPPORTED_FORMAT",
            field="micrograph.image",
        )
