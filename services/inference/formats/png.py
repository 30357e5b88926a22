"""PNG: header by its chunks, pixels by libpng (imagecodecs), which refuses a damaged file."""

import struct

import imagecodecs
import numpy as np

from services.common.errors import InvalidImage
from services.inference.formats.raster import FileScale, Header, OpenImage, Samples, plausible

SIGNATURE = b"\x89PNG\r\n\x1a\n"

#: Colour type: its name, and its channels when decoded (a palette becomes RGB, or RGBA).
_COLORS = {0: ("grey", 1), 2: ("rgb", 3), 3: ("palette", 4), 4: ("grey", 2), 6: ("rgb", 4)}
_LAST_CHUNK = b"IEND"


def open_image(image: bytes) -> OpenImage:
    """Read the header of a PNG. Raises InvalidImage."""
    if len(image) < 33 or image[12:16] != b"IHDR":
        raise _damaged(image)
    width, height, bits, color_type = struct.unpack_from(">IIBB", image, 16)
    if color_type not in _COLORS:
        raise _damaged(image)
    color, channels = _COLORS[color_type]
    if bits < 8 and color == "grey":
        raise InvalidImage(
            f"This PNG has {bits} bits per pixel; a micrograph needs at least 8. "
            "Export it as 8-bit or 16-bit grey.",
            reason="UNSUPPORTED_ENCODING",
        )
    size = width * height * channels * max(1, bits // 8)
    header = Header("PNG", width, height, bits, color, 1, _scale(image), size)
    return OpenImage(header, lambda _: _read(image))


def _scale(image: bytes) -> FileScale | None:
    """The pHYs chunk, where it can be a scale."""
    at = 8
    while at + 12 <= len(image):
        length, kind = struct.unpack_from(">I4s", image, at)
        if kind == b"pHYs" and length == 9 and at + 17 <= len(image):
            per_metre, _, unit = struct.unpack_from(">IIB", image, at + 8)
            return plausible(1e9 / per_metre, "PNG pHYs") if unit == 1 and per_metre else None
        if kind in {b"IDAT", _LAST_CHUNK}:
            return None
        at += 12 + length
    return None


def _read(image: bytes) -> Samples:
    try:
        return np.asarray(imagecodecs.png_decode(image))
    except (imagecodecs.PngError, ValueError) as error:
        raise _damaged(image) from error


def _damaged(image: bytes) -> InvalidImage:
    if _LAST_CHUNK not in image[-64:]:
        return InvalidImage(
            f"The PNG ends before its image does: {len(image):,} bytes arrived, without the end "
            "chunk. The file was probably cut off on its way; send it again.",
            reason="TRUNCATED_IMAGE",
        )
    return InvalidImage(
        "The PNG is damaged and cannot be decoded; export it again from the microscope.",
        reason="CORRUPT_IMAGE",
    )
