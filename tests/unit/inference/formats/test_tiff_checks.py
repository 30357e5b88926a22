"""A TIFF can claim anything. Its claims are held against its bytes before memory is given."""

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
import tifffile

from services.common.errors import InvalidImage
from services.inference.decoding import DecodeLimits, decode
from tests.images import draw_texture, tiff_bytes

GREY = draw_texture()


def with_tag(image: bytes, name: str, value: int) -> bytes:
    """`image` with a number of its first directory replaced, as a long if it must be."""
    tag = tifffile.TiffFile(io.BytesIO(image)).pages.first.tags[name]
    changed = bytearray(image)
    if value > 0xFFFF:
        struct.pack_into("<H", changed, tag.offset + 2, 4)
    wide = value > 0xFFFF or int(tag.dtype) == 4
    struct.pack_into("<I" if wide else "<H", changed, tag.valueoffset, value)
    return bytes(changed)


def refused(image: bytes) -> tuple[InvalidImage, int]:
    """The error that `image` is refused with, and the most memory that was taken meanwhile."""
    tracemalloc.start()
    try:
        with pytest.raises(InvalidImage) as caught:
            decode(image, DecodeLimits())
        return caught.value, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_million_by_a_million_pixels_are_refused_by_the_header() -> None:
    # Given a small file that claims 10^6 x 10^6 pixels
    image = with_tag(tiff_bytes(GREY), "ImageWidth", 1_000_000)
    image = with_tag(image, "ImageLength", 1_000_000)

    # When it is decoded, then it is refused and takes no memory to speak of
    error, memory = refused(image)
    assert error.reason == "IMAGE_DIMENSIONS_TOO_LARGE"
    assert "1,000,000 x 1,000,000" in error.message
    assert memory < 2_000_000


@pytest.mark.parametrize(
    ("tag", "value", "reason"),
    [
        ("ImageLength", 5_000, "CORRUPT_IMAGE"),
        ("ImageWidth", 5_000, "TRUNCATED_IMAGE"),
        ("SamplesPerPixel", 1_000, "TRUNCATED_IMAGE"),
        ("SamplesPerPixel", 60_000, "IMAGE_DIMENSIONS_TOO_LARGE"),
        ("StripOffsets", 4_000_000, "TRUNCATED_IMAGE"),
        ("StripByteCounts", 4_000_000, "TRUNCATED_IMAGE"),
        ("StripByteCounts", 0, "CORRUPT_IMAGE"),
    ],
)
def test_a_claim_that_the_bytes_do_not_bear_out_is_refused(
    tag: str, value: int, reason: str
) -> None:
    # Given a file of which one number is wrong
    image = with_tag(tiff_bytes(GREY, rowsperstrip=256), tag, value)

    # When it is decoded, then it is refused without memory for what it claims
    error, memory = refused(image)
    assert error.reason == reason
    assert memory < 4_000_000


def test_a_tile_larger_than_any_image_is_refused() -> None:
    # Given an image of small size in a tile of 2^20 x 2^20 pixels
    image = tiff_bytes(GREY, tile=(256, 320), compression="zlib")
    image = with_tag(with_tag(image, "TileWidth", 1 << 20), "TileLength", 1 << 20)

    # When it is decoded, then it is refused by the memory it would need
    error, memory = refused(image)
    assert error.reason == "IMAGE_DIMENSIONS_TOO_LARGE"
    assert memory < 2_000_000


def test_a_strip_that_inflates_to_more_than_its_pixels_is_refused() -> None:
    # Given a Deflate strip of half a megabyte that would inflate to half a gigabyte
    image = tiff_bytes(np.zeros((64, 64), np.uint8), compression="zlib")
    bomb = zlib.compress(bytes(500_000_000), 1)
    image = with_tag(image, "StripOffsets", len(image)) + bomb
    image = with_tag(image, "StripByteCounts", len(bomb))

    # When it is decoded, then no more than the pixels' memory is asked for
    error, memory = refused(image)
    assert error.reason == "CORRUPT_IMAGE"
    assert memory < 8_000_000


def test_a_jpeg_strip_that_claims_more_than_the_image_is_refused() -> None:
    # Given a TIFF of 320 x 256 whose JPEG strip says 65,535 x 65,535
    image = bytearray(tiff_bytes(GREY, compression="jpeg"))
    frame = image.index(b"\xff\xc0")
    image[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"

    # When it is decoded, then it is refused before the decoder believes it
    error, memory = refused(bytes(image))
    assert error.reason == "CORRUPT_IMAGE"
    assert "65535 x 65535" in error.message
    assert memory < 2_000_000


def test_tiles_that_share_their_bytes_are_refused() -> None:
    # Given a TIFF each of whose tiles is said to be half the file
    image = bytearray(tiff_bytes(GREY, tile=(64, 64), compression="zlib"))
    tags = tifffile.TiffFile(io.BytesIO(bytes(image))).pages.first.tags
    for name, value in (("TileOffsets", 0), ("TileByteCounts", len(image) // 2)):
        tag = tags[name]
        size = {3: "H", 4: "I"}[int(tag.dtype)]
        struct.pack_into(f"<{tag.count}{size}", image, tag.valueoffset, *[value] * tag.count)

    # When it is decoded, then it is refused before they are copied
    error, _ = refused(bytes(image))
    assert error.reason == "CORRUPT_IMAGE"
    assert "overlap" in error.message


def test_an_absurd_number_of_tags_is_refused() -> None:
    # Given a directory that claims 60,000 tags
    image = bytearray(tiff_bytes(GREY))
    (directory,) = struct.unpack_from("<I", image, 4)
    struct.pack_into("<H", image, directory, 60_000)

    # When it is decoded, then it is refused
    error, _ = refused(bytes(image))
    assert error.reason == "CORRUPT_IMAGE"


def test_a_directory_that_points_at_itself_is_read_once() -> None:
    # Given a file whose only directory names itself as the next
    image = bytearray(tiff_bytes(GREY))
    (directory,) = struct.unpack_from("<I", image, 4)
    (tags,) = struct.unpack_from("<H", image, directory)
    struct.pack_into("<I", image, directory + 2 + 12 * tags, directory)

    # When it is decoded, then it is read, once
    assert decode(bytes(image), DecodeLimits()).header.pages == 1


def test_a_layout_tag_of_two_numbers_is_refused() -> None:
    # Given a width that is two numbers, which would multiply into a very long tuple
    image = bytearray(tiff_bytes(GREY, tile=(64, 64)))
    tag = tifffile.TiffFile(io.BytesIO(bytes(image))).pages.first.tags["TileLength"]
    struct.pack_into("<HI", image, tag.offset + 2, 3, 2)

    # When it is decoded, then it is refused
    error, memory = refused(bytes(image))
    assert error.reason == "CORRUPT_IMAGE"
    assert "tilelength" in error.message
    assert memory < 2_000_000


@pytest.mark.parametrize("header", [b"II*\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0"])
def test_a_header_and_nothing_else_is_damaged(header: bytes) -> None:
    # Given the first bytes of a TIFF
    # When they are decoded, then they are refused
    assert refused(header)[0].reason == "CORRUPT_IMAGE"


def test_a_palette_shorter_than_its_indices_is_damaged() -> None:
    # Given 16 colours for indices up to 255
    colors = np.zeros((3, 256), np.uint16)
    image = tiff_bytes(GREY, photometric="palette", colormap=colors)
    tag = tifffile.TiffFile(io.BytesIO(image)).pages.first.tags["ColorMap"]
    short = bytearray(image)
    struct.pack_into("<I", short, tag.offset + 4, 48)

    # When it is decoded, then it is refused
    error, _ = refused(bytes(short))
    assert error.reason == "CORRUPT_IMAGE"
