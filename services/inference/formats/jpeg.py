"""JPEG: header by its markers, pixels by OpenCV, which can shrink while it decodes."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from services.common.errors import InvalidImage
from services.inference.formats.raster import FileScale, Header, OpenImage, Samples, plausible

SIGNATURE = b"\xff\xd8\xff"

#: A progressive JPEG has about ten scans. Each costs a pass over the whole image, so a file
#: of thousands is an attack, not a micrograph.
MOST_SCANS = 100

#: OpenCV's code of the error that memory did not suffice.
OPENCV_NO_MEMORY = -4

_START_OF_SCAN = 0xDA
_END_OF_IMAGE = b"\xff\xd9"
_APP0 = 0xE0
_HUFFMAN_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
#: Nanometres in the unit of the JFIF density: 1 is an inch, 2 a centimetre.
_DENSITY_UNITS_NM = {1: 2.54e7, 2: 1e7}
_READ_FLAGS = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
_SMALL_COLOUR = cv2.IMREAD_REDUCED_COLOR_8


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame header of a JPEG."""

    width: int
    height: int
    bits: int
    components: int
    first_scan: int
    """Where in the file the coded pixels begin."""


def open_image(image: bytes) -> OpenImage:
    """Read the header of a JPEG. Raises InvalidImage."""
    frame, scale = read_header(image)
    if frame.bits != 8 or frame.components not in {1, 3}:
        raise InvalidImage(
            f"This JPEG has {frame.components} channels of {frame.bits} bits; "
            "8-bit grey and 8-bit RGB are read. Export the micrograph as one of them or as TIFF.",
            reason="UNSUPPORTED_ENCODING",
        )
    color = "grey" if frame.components == 1 else "rgb"
    size = frame.width * frame.height
    header = Header("JPEG", frame.width, frame.height, 8, color, 1, scale, size)
    return OpenImage(
        header,
        lambda reduction: _read(image, frame.first_scan, _READ_FLAGS[reduction]),
        (lambda: _read(image, frame.first_scan, _SMALL_COLOUR)) if color == "rgb" else None,
    )


def read_header(image: bytes) -> tuple[Frame, FileScale | None]:
    """The frame of a JPEG, and its density where that can be a scale. Raises InvalidImage."""
    scale, size = None, b""
    for marker, at, segment in _segments(image):
        if marker == _APP0 and segment[:5] == b"JFIF\0" and len(segment) >= 10:
            unit, density = struct.unpack_from(">BH", segment, 7)
            if unit in _DENSITY_UNITS_NM and density:
                scale = plausible(_DENSITY_UNITS_NM[unit] / density, "JFIF density")
        if marker in _OTHER_FRAMES:
            raise InvalidImage(
                "This JPEG uses lossless, hierarchical or arithmetic coding, which is not read. "
                "Export the micrograph as baseline JPEG, PNG or TIFF.",
                reason="UNSUPPORTED_ENCODING",
            )
        if marker in _HUFFMAN_FRAMES:
            size = segment
        if marker == _START_OF_SCAN and len(size) >= 6:
            bits, height, width, components = struct.unpack_from(">BHHB", size)
            return Frame(width, height, bits, components, first_scan=at), scale
    raise _damaged(image)


def _segments(image: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Marker, position and content of the segments to the first scan; fewer if the file is cut."""
    at = 2
    while at + 4 <= len(image) and image[at] == 0xFF:
        marker = image[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in _WITHOUT_LENGTH:
            at += 2
            continue
        length = max(2, int.from_bytes(image[at + 2 : at + 4], "big"))
        yield marker, at, image[at + 4 : at + 2 + length]
        if marker == _START_OF_SCAN:
            return
        at += 2 + length


def _read(image: bytes, first_scan: int, how: int) -> Samples:
    content = np.frombuffer(image, np.uint8)
    if np.count_nonzero((content[:-1] == 0xFF) & (content[1:] == _START_OF_SCAN)) > MOST_SCANS:
        raise InvalidImage(
            f"This JPEG has more than {MOST_SCANS} scans; export the micrograph again.",
            reason="UNSUPPORTED_ENCODING",
        )
    # Some versions of OpenCV fill the rest of a cut-off image with grey and say nothing.
    if image.rfind(_END_OF_IMAGE) < first_scan:
        raise _damaged(image)
    # The file's pixels as they lie: an EXIF orientation would exchange width and height.
    flags = how | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(content, flags)
    except cv2.error as error:
        if error.code == OPENCV_NO_MEMORY:
            raise MemoryError from error
        raise _damaged(image) from error
    if pixels is None:
        raise _damaged(image)
    return np.asarray(pixels)


def _damaged(image: bytes) -> InvalidImage:
    if _END_OF_IMAGE not in image[-64:]:
        return InvalidImage(
            f"The JPEG ends before its image does: {len(image):,} bytes arrived, without the "
            "end marker. The file was probably cut off on its way; send it again.",
            reason="TRUNCATED_IMAGE",
        )
    return InvalidImage(
        "The JPEG is damaged and cannot be decoded; export it again from the microscope.",
        reason="CORRUPT_IMAGE",
    )
