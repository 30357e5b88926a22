"""The border: limits hold before anything is decoded, and bad bytes become one kind of error."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from services.common.errors import InvalidImage
from services.inference.decoding import DecodedImage, DecodeLimits, decode
from tests.images import draw_texture, jpeg_bytes, png_bytes, tiff_bytes

LIMITS = DecodeLimits()


def refused(image: bytes, limits: DecodeLimits = LIMITS) -> InvalidImage:
    """The error that `image` is refused with."""
    with pytest.raises(InvalidImage) as caught:
        decode(image, limits)
    return caught.value


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG of any size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    checked = header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + checked + b"\0" * 64


def test_no_bytes_are_no_image() -> None:
    # Given nothing
    # When it is decoded, then the reason says so
    assert refused(b"").reason == "EMPTY_IMAGE"


@pytest.mark.parametrize("content", [b"Case 12, block B\n", b"%PDF-1.7", b"BM6\0", b"\0" * 100])
def test_what_is_no_image_format_is_named_by_how_it_begins(content: bytes) -> None:
    # Given bytes of something else, whatever the file was called
    # When they are decoded
    error = refused(content)

    # Then the message shows how they begin and what is read
    assert error.reason == "UNSUPPORTED_FORMAT"
    assert repr(content[:8]) in error.message
    assert "TIFF" in error.message


@pytest.mark.parametrize("size", [(1, 1), (31, 400), (400, 31)])
@pytest.mark.parametrize("encode", [jpeg_bytes, png_bytes, tiff_bytes])
def test_a_thumbnail_is_too_small(encode: object, size: tuple[int, int]) -> None:
    # Given an image with less than 32 pixels on a side
    assert callable(encode)
    image = encode(np.zeros(size, np.uint8))

    # When it is decoded, then it is refused with its size
    error = refused(image)
    assert error.reason == "IMAGE_DIMENSIONS_TOO_SMALL"
    assert f"{size[1]} x {size[0]}" in error.message


def test_a_bomb_is_refused_by_its_header() -> None:
    # Given a PNG of a few bytes that claims 100,000 x 100,000 pixels
    # When it is decoded, then its claim is enough to refuse it
    error = refused(png_header(100_000, 100_000))
    assert error.reason == "IMAGE_DIMENSIONS_TOO_LARGE"
    assert "100,000 x 100,000" in error.message


def test_an_image_over_the_limit_of_pixels_is_refused() -> None:
    # Given an image of 256 x 320 pixels and a lower limit
    # When it is decoded, then the message tells both
    error = refused(png_bytes(draw_texture()), DecodeLimits(max_pixels=80_000))
    assert error.reason == "IMAGE_DIMENSIONS_TOO_LARGE"
    assert "81,920" in error.message
    assert "80,000" in error.message


def test_an_image_over_the_limit_of_memory_is_refused() -> None:
    # Given an image of eight bytes per pixel and memory for four
    image = tiff_bytes(draw_texture().astype(np.float64))

    # When it is decoded, then the message tells the bytes
    error = refused(image, DecodeLimits(max_decoded_bytes=4 * 256 * 320))
    assert error.reason == "IMAGE_DIMENSIONS_TOO_LARGE"
    assert "655,360" in error.message


def test_a_banner_is_left_out_before_the_range_of_greys_is_taken() -> None:
    # Given a 16-bit image of few values above a banner of the highest value
    field = draw_texture(800, 600).astype(np.uint16) + 3000
    banner = np.full((100, 600), 65_535, np.uint16)

    # When it is decoded
    decoded = decode(tiff_bytes(np.vstack([field, banner])), LIMITS)

    # Then the field has all greys, and the file's rows are counted
    assert isinstance(decoded, DecodedImage)
    assert decoded.field.shape == (800, 600)
    assert decoded.analysed_height == 800
    assert decoded.header.height == 900
    assert int(decoded.field.max()) - int(decoded.field.min()) == 255


@pytest.mark.parametrize("reduction", [1, 2, 4, 8])
def test_a_jpeg_may_shrink_while_it_decodes(reduction: int) -> None:
    # Given a JPEG whose sides are no multiples of eight
    grey = draw_texture(803, 1001)

    # When it is decoded with a reduction
    decoded = decode(jpeg_bytes(grey), LIMITS, lambda _: reduction)

    # Then it is smaller by that factor, and knows by how much
    assert decoded.field.shape == (-(-803 // reduction), -(-1001 // reduction))
    assert decoded.reduction == pytest.approx(reduction, rel=0.01)
    assert (decoded.header.width, decoded.header.height) == (1001, 803)
    assert decoded.analysed_height == 803
    assert abs(float(decoded.field.mean()) - float(grey.mean())) < 1.0


def test_threads_decode_side_by_side_without_mixing_images() -> None:
    # Given images of every format and of different content
    textures = [draw_texture(256, 320, seed) for seed in range(4)]
    encoders = [jpeg_bytes, png_bytes, tiff_bytes]
    files = [encode(texture) for texture in textures for encode in encoders]
    expected = [decode(image, LIMITS).field for image in files]

    # When threads decode them over and over
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda image: decode(image, LIMITS).field, files * 10))

    # Then each is what it is alone
    for field, alone in zip(found, expected * 10, strict=True):
        np.testing.assert_array_equal(field, alone)
