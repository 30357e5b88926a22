"""PNG of every kind an image program exports, and what is refused."""

import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from services.common.errors import InvalidImage
from services.inference.formats import png
from services.inference.grey import luminance
from tests.images import draw_texture, png_bytes


def chunk(kind: bytes, content: bytes) -> bytes:
    """A PNG chunk."""
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def write_png(pixels: NDArray[np.uint8], color_type: int, bits: int, *extra: bytes) -> bytes:
    """A PNG of any colour type from rows of bytes [H, bytes per row]."""
    height, width = pixels.shape[0], pixels.shape[1] * 8 // bits
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows))]
    return png.SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


def with_physical_size(image: bytes, per_metre: int, unit: int) -> bytes:
    """`image` with a pHYs chunk after its header."""
    return image[:33] + chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, unit)) + image[33:]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_grey_rgb_and_alpha_of_8_and_16_bits_are_read(dtype: type, channels: int) -> None:
    # Given the same texture in each layout, opaque where it has alpha
    factor = 257 if dtype is np.uint16 else 1
    grey: NDArray[np.generic] = np.asarray(draw_texture().astype(np.uint32) * factor, dtype)
    opaque = np.full_like(grey, np.iinfo(dtype).max)
    layers = {1: grey, 3: np.dstack([grey] * 3), 4: np.dstack([grey, grey, grey, opaque])}

    # When it is opened and read
    opened = png.open_image(png_bytes(layers[channels]))
    samples = luminance(opened.read(1))

    # Then every pixel is right
    assert opened.header.bit_depth == np.dtype(dtype).itemsize * 8
    assert opened.header.color == ("grey" if channels == 1 else "rgb")
    np.testing.assert_array_equal(samples, grey)


def test_a_palette_is_applied() -> None:
    # Given indices into a palette that exchanges black and white
    grey = draw_texture()
    palette = np.repeat(np.arange(255, -1, -1, dtype=np.uint8)[:, None], 3, axis=1)
    image = write_png(255 - grey, 3, 8, chunk(b"PLTE", palette.tobytes()))

    # When it is read, then the colours count and not the indices
    opened = png.open_image(image)
    assert opened.header.color == "palette"
    np.testing.assert_array_equal(luminance(opened.read(1)), grey)


def test_a_palette_of_four_bits_with_transparency_is_applied() -> None:
    # Given two pixels per byte and a transparent entry
    indices = np.tile(np.arange(16, dtype=np.uint8), (40, 4))
    packed = (indices[:, ::2] << 4 | indices[:, 1::2]).astype(np.uint8)
    palette = np.repeat((np.arange(16, dtype=np.uint8) * 16)[:, None], 3, axis=1)
    extra = [chunk(b"PLTE", palette.tobytes()), chunk(b"tRNS", b"\0")]

    # When it is read, then every entry has its colour
    samples = luminance(png.open_image(write_png(packed, 3, 4, *extra)).read(1))
    np.testing.assert_array_equal(samples, indices * 16)


def test_fewer_than_eight_bits_of_grey_are_no_micrograph() -> None:
    # Given a black and white drawing
    image = write_png(np.full((64, 8), 0xAA, np.uint8), 0, 1)

    # When it is opened, then it is refused with its bits
    with pytest.raises(InvalidImage, match="1 bits per pixel") as caught:
        png.open_image(image)
    assert caught.value.reason == "UNSUPPORTED_ENCODING"


@pytest.mark.parametrize(
    ("per_metre", "unit", "nanometres"),
    [(2835, 1, None), (11_811, 1, None), (100_000_000, 1, 10.0), (100_000_000, 0, None)],
)
def test_a_physical_size_is_a_scale_only_where_a_microscope_can_have_it(
    per_metre: int, unit: int, nanometres: float | None
) -> None:
    # Given a PNG of 72 dpi, of 300 dpi, of 10 nm, and of no unit
    image = with_physical_size(png_bytes(draw_texture()), per_metre, unit)

    # When it is opened, then only nanometres are taken
    scale = png.open_image(image).header.scale
    assert (scale.pixel_size_nm if scale else None) == nanometres


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.999])
def test_a_cut_off_png_is_an_error(part: float) -> None:
    # Given a PNG that lost its end on its way
    image = png_bytes(draw_texture())

    # When it is read, then it is refused
    with pytest.raises(InvalidImage) as caught:
        png.open_image(image[: max(8, int(len(image) * part))]).read(1)
    assert caught.value.reason == "TRUNCATED_IMAGE"


def test_a_changed_byte_is_found_by_its_checksum() -> None:
    # Given a PNG with one bit of its pixels changed
    image = bytearray(png_bytes(draw_texture()))
    image[len(image) // 2] ^= 4

    # When it is read, then it is refused
    with pytest.raises(InvalidImage) as caught:
        png.open_image(bytes(image)).read(1)
    assert caught.value.reason == "CORRUPT_IMAGE"
