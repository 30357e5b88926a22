"""JPEG as cameras and export dialogs write it, and what is refused."""

import struct

import cv2
import numpy as np
import pytest

from services.common.errors import InvalidImage
from services.inference.formats import jpeg
from tests.images import draw_texture, jpeg_bytes


def with_segment(image: bytes, marker: int, content: bytes) -> bytes:
    """`image` with a marker segment right after its start."""
    return image[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + image[2:]


def with_density(image: bytes, unit: int, density: int) -> bytes:
    """`image` with the density of its JFIF header replaced."""
    at = image.index(b"JFIF\0") + 7
    return image[:at] + struct.pack(">BHH", unit, density, density) + image[at + 5 :]


def test_grey_and_rgb_are_read_as_the_same_grey() -> None:
    # Given a texture as grey and as RGB
    grey = draw_texture()
    files = [jpeg_bytes(grey), jpeg_bytes(np.dstack([grey, grey, grey]))]

    for image, color in zip(files, ["grey", "rgb"], strict=True):
        # When it is opened and read
        opened = jpeg.open_image(image)
        samples = opened.read(1)

        # Then the header tells what it is, and the pixels are close to the texture
        assert (opened.header.width, opened.header.height) == (320, 256)
        assert (opened.header.bit_depth, opened.header.color) == (8, color)
        assert np.abs(samples.astype(int) - grey).mean() < 3


def test_a_progressive_jpeg_is_read() -> None:
    # Given a progressive JPEG
    grey = draw_texture()
    options = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    image = cv2.imencode(".jpg", grey, options)[1].tobytes()
    assert b"\xff\xc2" in image

    # When it is read, then its pixels are close to the texture
    assert np.abs(jpeg.open_image(image).read(1).astype(int) - grey).mean() < 3


def test_the_orientation_of_a_viewer_does_not_turn_the_pixels() -> None:
    # Given a JPEG whose EXIF says that it should be shown turned by 90 degrees
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + b"\0\0\0\0"
    image = with_segment(jpeg_bytes(draw_texture()), 0xE1, exif)

    # When it is read, then width and height are those of the header
    assert jpeg.open_image(image).read(1).shape == (256, 320)


@pytest.mark.parametrize(
    ("unit", "density", "nanometres"),
    [(1, 72, None), (1, 300, None), (2, 118, None), (0, 1, None), (2, 50_000, 200.0)],
)
def test_a_density_is_a_scale_only_where_a_microscope_can_have_it(
    unit: int, density: int, nanometres: float | None
) -> None:
    # Given a JPEG of a density per inch (1), per centimetre (2) or without a unit (0)
    image = with_density(jpeg_bytes(draw_texture()), unit, density)

    # When it is opened
    scale = jpeg.open_image(image).header.scale

    # Then dots per inch of printers and screens are no scale
    assert (scale.pixel_size_nm if scale else None) == nanometres


@pytest.mark.parametrize("part", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_a_cut_off_jpeg_is_an_error_and_never_half_grey(part: float) -> None:
    # Given a JPEG that lost its end on its way
    image = jpeg_bytes(draw_texture())
    cut = image[: max(3, int(len(image) * part))]

    # When it is read, then it is refused
    with pytest.raises(InvalidImage) as caught:
        jpeg.open_image(cut).read(1)
    assert caught.value.reason == "TRUNCATED_IMAGE"


def test_a_jpeg_padded_with_zeros_is_cut_off_too() -> None:
    # Given a JPEG whose second half a broken transfer left empty
    image = jpeg_bytes(draw_texture())
    half = image[: len(image) // 2].ljust(len(image), b"\0")

    # When it is read, then it is refused
    with pytest.raises(InvalidImage) as caught:
        jpeg.open_image(half).read(1)
    assert caught.value.reason == "TRUNCATED_IMAGE"


def test_bytes_after_the_image_do_no_harm() -> None:
    # Given a JPEG with zeros after its end
    image = jpeg_bytes(draw_texture()) + b"\0" * 1000

    # When it is read, then it is whole
    assert jpeg.open_image(image).read(1).shape == (256, 320)


@pytest.mark.parametrize(
    ("offset", "value", "what"), [(0, 12, "12 bits"), (5, 4, "4 channels"), (5, 2, "2 channels")]
)
def test_other_bits_and_channels_are_unsupported(offset: int, value: int, what: str) -> None:
    # Given a JPEG whose frame header claims other samples
    image = bytearray(jpeg_bytes(draw_texture()))
    image[image.index(b"\xff\xc0") + 4 + offset] = value

    # When it is opened, then the message tells which
    with pytest.raises(InvalidImage, match=what) as caught:
        jpeg.open_image(bytes(image))
    assert caught.value.reason == "UNSUPPORTED_ENCODING"


def test_lossless_jpeg_is_unsupported() -> None:
    # Given a JPEG of the lossless process
    image = jpeg_bytes(draw_texture()).replace(b"\xff\xc0", b"\xff\xc3", 1)

    # When it is opened, then it is refused by its marker
    with pytest.raises(InvalidImage, match="lossless") as caught:
        jpeg.open_image(image)
    assert caught.value.reason == "UNSUPPORTED_ENCODING"


def test_a_jpeg_of_a_thousand_scans_is_refused_before_it_is_decoded() -> None:
    # Given a JPEG with more scans than any encoder makes
    image = jpeg_bytes(draw_texture())
    attack = image[:-2] + b"\xff\xda\0\x08\1\1\0\0\x3f\0" * 1000 + image[-2:]

    # When it is read, then it is refused
    with pytest.raises(InvalidImage, match="100 scans"):
        jpeg.open_image(attack).read(1)
