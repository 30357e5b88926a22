"""TIFF as microscopes write it: every layout gives the same grey."""

import io
import struct
from typing import Any

import numpy as np
import pytest
import tifffile

from services.common.errors import InvalidImage
from services.inference.decoding import DecodeLimits, decode
from services.inference.formats import tiff
from services.inference.grey import luminance
from tests.images import draw_texture, tiff_bytes

GREY = draw_texture()
RGB = np.dstack([GREY, GREY, GREY])
PLANES = np.stack([GREY, GREY, GREY])
INVERTING_MAP = np.repeat(np.arange(255, -1, -1, dtype=np.uint16)[None], 3, axis=0)

LAYOUTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "one strip": (GREY, {}),
    "strips": (GREY, {"rowsperstrip": 17}),
    "tiles": (GREY, {"tile": (64, 64)}),
    "lzw": (GREY, {"compression": "lzw", "predictor": True}),
    "lzw tiles": (GREY, {"compression": "lzw", "tile": (64, 64)}),
    "deflate": (GREY, {"compression": "zlib", "predictor": True, "rowsperstrip": 30}),
    "packbits": (GREY, {"compression": "packbits", "rowsperstrip": 30}),
    "big endian": (GREY, {"byteorder": ">"}),
    "bigtiff": (GREY, {"bigtiff": True}),
    "bigtiff big endian": (GREY, {"bigtiff": True, "byteorder": ">"}),
    "white is zero": (255 - GREY, {"photometric": "miniswhite"}),
    "rgb": (RGB, {"photometric": "rgb"}),
    "rgb planes": (PLANES, {"photometric": "rgb", "planarconfig": "separate"}),
    "rgb planes, lzw tiles": (
        PLANES,
        {"photometric": "rgb", "planarconfig": "separate", "compression": "lzw", "tile": (64, 64)},
    ),
    "rgb and alpha": (
        np.dstack([RGB, np.full_like(GREY, 9)]),
        {"photometric": "rgb", "extrasamples": ["unassalpha"]},
    ),
    "palette": (255 - GREY, {"photometric": "palette", "colormap": INVERTING_MAP * 257}),
    "palette of 8 bits": (255 - GREY, {"photometric": "palette", "colormap": INVERTING_MAP}),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_lossless_layout_of_8_bits_gives_the_same_pixels(layout: str) -> None:
    # Given the same texture in one layout
    pixels, options = LAYOUTS[layout]

    # When it is opened and read
    opened = tiff.open_image(tiff_bytes(pixels, **options))

    # Then every pixel is right
    assert (opened.header.width, opened.header.height) == (320, 256)
    assert (opened.header.bit_depth, opened.header.pages) == (8, 1)
    expected = layout.split(maxsplit=1)[0] if layout.startswith(("rgb", "palette")) else "grey"
    assert opened.header.color == expected
    np.testing.assert_array_equal(luminance(opened.read(1)), GREY)


@pytest.mark.parametrize(
    ("pixels", "options"),
    [
        (GREY, {}),
        (GREY, {"tile": (64, 64)}),
        (RGB, {"photometric": "rgb"}),
        (RGB, {"photometric": "rgb", "tile": (64, 64)}),
    ],
    ids=["grey", "grey tiles", "rgb", "rgb tiles"],
)
def test_jpeg_compression_inside_a_tiff_is_read(pixels: Any, options: dict[str, Any]) -> None:
    # Given a TIFF with JPEG compression
    image = tiff_bytes(pixels, compression="jpeg", **options)

    # When it is read, then it is close to the texture
    samples = luminance(tiff.open_image(image).read(1))
    assert np.abs(samples.astype(int) - GREY).mean() < 3


@pytest.mark.parametrize(
    ("dtype", "options"),
    [
        ("uint16", {}),
        ("uint16", {"byteorder": ">"}),
        ("uint16", {"compression": "lzw", "predictor": True, "byteorder": ">"}),
        ("int16", {"compression": "zlib"}),
        ("uint32", {"tile": (64, 64)}),
        ("int32", {}),
        ("float32", {"compression": "zlib", "predictor": True}),
        ("float64", {}),
    ],
)
def test_wide_samples_keep_their_values(dtype: str, options: dict[str, Any]) -> None:
    # Given a texture of wide samples
    samples = (GREY.astype(np.float64) * 100 + 7).astype(dtype)

    # When it is opened and read
    opened = tiff.open_image(tiff_bytes(samples, **options))

    # Then the values are those of the file
    assert opened.header.bit_depth == np.dtype(dtype).itemsize * 8
    np.testing.assert_array_equal(opened.read(1), samples)


@pytest.mark.parametrize("dtype", ["uint16", "int16", "float32"])
def test_white_is_zero_is_inverted_whatever_the_samples(dtype: str) -> None:
    # Given an inverted texture of wide samples
    samples = (GREY.astype(np.float64) * -100 + 30_000).astype(dtype)
    image = tiff_bytes(samples, photometric="miniswhite")

    # When it is decoded, then dark is dark again
    field = decode(image, DecodeLimits()).field
    assert np.corrcoef(field.ravel(), GREY.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("bigtiff", [False, True])
def test_of_many_pages_the_first_is_read_and_all_are_counted(*, bigtiff: bool) -> None:
    # Given a file of three different pages
    pages = np.stack([GREY, 255 - GREY, GREY // 2])
    image = tiff_bytes(pages, photometric="minisblack", bigtiff=bigtiff)

    # When it is opened and read
    opened = tiff.open_image(image)

    # Then there are three, and the first was read
    assert opened.header.pages == 3
    np.testing.assert_array_equal(opened.read(1), GREY)


def test_directories_in_a_circle_are_counted_once() -> None:
    # Given a file whose last directory points back at the first
    image = bytearray(tiff_bytes(np.stack([GREY, GREY]), photometric="minisblack"))
    first, second = (page.offset for page in tifffile.TiffFile(io.BytesIO(bytes(image))).pages)
    (tags,) = struct.unpack_from("<H", image, second)
    struct.pack_into("<I", image, second + 2 + 12 * tags, first)

    # When it is opened, then each is counted once
    assert tiff.open_image(bytes(image)).header.pages == 2


@pytest.mark.parametrize(
    ("pixels", "options", "what"),
    [
        (GREY, {"compression": "zstd"}, "compression 50000"),
        (GREY.astype(np.complex64), {}, "64 bits"),
        (GREY > 128, {}, "1 bits"),
        (np.dstack([RGB, GREY]), {"photometric": "separated"}, "colour space 5"),
        (
            np.stack([GREY] * 16),
            {"volumetric": True, "tile": (16, 16, 16), "photometric": "minisblack"},
            "a volume",
        ),
    ],
    ids=["zstd", "complex", "bilevel", "cmyk", "volume"],
)
def test_other_encodings_are_unsupported_by_name(
    pixels: Any, options: dict[str, Any], what: str
) -> None:
    # Given a TIFF of an encoding that no microscope's export needs
    image = tiff_bytes(pixels, **options)

    # When it is opened, then the message names it
    with pytest.raises(InvalidImage, match=what) as caught:
        tiff.open_image(image)
    assert caught.value.reason == "UNSUPPORTED_ENCODING"
