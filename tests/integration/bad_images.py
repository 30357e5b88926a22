"""Files that no reader should trust, and the reason each must be refused with."""

import struct
import zlib
from functools import cache

from tests.images import draw_texture, jpeg_bytes, png_bytes, tiff_bytes
from tests.integration.micrographs import micrograph

ONE_MILLION = 1_000_000

HANDFUL = zlib.compress(bytes(100_000))
"""Compressed zeros, fewer than a large image has pixels."""


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_claims(width: int, height: int, pixels: bytes = HANDFUL) -> bytes:
    """A PNG whose header is sound, and whose pixels need not be what it says."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + _png_chunk(b"IDAT", pixels)
        + _png_chunk(b"IEND", b"")
    )


def tiff_that_claims(width: int, height: int, strip: bytes, compression: int) -> bytes:
    """A grey 8-bit TIFF of one strip that need not hold what the tags say."""
    tags = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, compression),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, len(strip)),
    ]
    entries = b"".join(
        struct.pack("<HHI", tag, kind, 1)
        + (struct.pack("<I", value) if kind == 4 else struct.pack("<HH", value, 0))
        for tag, kind, value in tags
    )
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    padding = b"\0" * (len(strip) % 2)
    offset = 8 + len(strip) + len(padding)
    return b"II*\x00" + struct.pack("<I", offset) + strip + padding + directory


@cache
def unreadable() -> dict[str, tuple[bytes, str]]:
    """Name -> bytes and the reason that a worker gives. The gateway takes all of them."""
    texture = draw_texture()
    jpeg, tiff = jpeg_bytes(texture), tiff_bytes(texture)
    inflates = zlib.compress(bytes(64 * ONE_MILLION), 9)
    return {
        "truncated JPEG": (jpeg[: len(jpeg) // 2], "TRUNCATED_IMAGE"),
        "truncated TIFF": (tiff[: len(tiff) // 2], "TRUNCATED_IMAGE"),
        "truncated PNG": (micrograph(99)[:-100], "TRUNCATED_IMAGE"),
        "signature alone": (b"\xff\xd8\xff", "TRUNCATED_IMAGE"),
        "TIFF of 10^6 x 10^6": (
            tiff_that_claims(ONE_MILLION, ONE_MILLION, bytes(1000), 1),
            "IMAGE_DIMENSIONS_TOO_LARGE",
        ),
        "PNG bomb": (png_that_claims(50_000, 50_000), "IMAGE_DIMENSIONS_TOO_LARGE"),
        "TIFF strip that inflates to 64 MB": (
            tiff_that_claims(64, 64, inflates, 8),
            "CORRUPT_IMAGE",
        ),
        "1 x 1": (png_bytes(texture[:1, :1]), "IMAGE_DIMENSIONS_TOO_SMALL"),
        "garbage in a PNG": (png_that_claims(64, 64, bytes(range(256))), "CORRUPT_IMAGE"),
    }
