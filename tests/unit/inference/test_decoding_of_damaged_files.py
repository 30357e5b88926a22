"""Whatever happens to a file on its way, decoding it raises InvalidImage or nothing."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.errors import InvalidImage
from services.inference.decoding import DecodeLimits, decode
from tests.images import draw_texture, jpeg_bytes, png_bytes, tiff_bytes

#: Small limits, so that a size made up by a flipped bit cannot ask for much.
LIMITS = DecodeLimits(max_pixels=1_000_000, max_decoded_bytes=8_000_000)

GREY = draw_texture(64, 96)
RGB = np.dstack([GREY, GREY, 255 - GREY])
WIDE = GREY.astype(np.uint16) * 100

FILES = {
    "jpeg": jpeg_bytes(GREY),
    "jpeg rgb": jpeg_bytes(RGB),
    "png": png_bytes(GREY),
    "png 16 bit": png_bytes(WIDE),
    "tiff": tiff_bytes(GREY),
    "tiff lzw": tiff_bytes(WIDE, compression="lzw", predictor=True, byteorder=">"),
    "tiff deflate tiles": tiff_bytes(GREY, compression="zlib", tile=(32, 32)),
    "tiff packbits": tiff_bytes(GREY, compression="packbits", rowsperstrip=16),
    "tiff jpeg": tiff_bytes(RGB, photometric="rgb", compression="jpeg"),
    "tiff float": tiff_bytes(GREY.astype(np.float32), compression="zlib"),
    "bigtiff": tiff_bytes(GREY, bigtiff=True, byteorder=">"),
    "tiff planes": tiff_bytes(
        np.moveaxis(RGB, -1, 0).copy(), photometric="rgb", planarconfig="separate"
    ),
}

BOUNDED = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def assert_decodes_or_is_invalid(image: bytes) -> None:
    """Decode `image`; anything but a field or InvalidImage fails the test."""
    try:
        field = decode(image, LIMITS).field
    except InvalidImage:
        return
    assert field.dtype == np.uint8
    assert field.ndim == 2


@pytest.mark.parametrize("name", FILES)
@BOUNDED
@given(data=st.data())
def test_a_file_cut_anywhere_is_invalid(name: str, data: st.DataObject) -> None:
    # Given a file that lost its end
    whole = FILES[name]
    length = data.draw(st.integers(0, len(whole) - 1))

    # When it is decoded, then it is refused or, where only what follows the pixels is lost, read
    assert_decodes_or_is_invalid(whole[:length])


@pytest.mark.parametrize("name", FILES)
@BOUNDED
@given(data=st.data())
def test_a_file_with_changed_bytes_never_crashes(name: str, data: st.DataObject) -> None:
    # Given a file with some bytes changed, most of them near its beginning
    image = bytearray(FILES[name])
    near = st.integers(0, min(400, len(image) - 1))
    anywhere = st.integers(0, len(image) - 1)
    changes = data.draw(
        st.lists(st.tuples(st.one_of(near, anywhere), st.integers(0, 255)), min_size=1, max_size=8)
    )
    for position, value in changes:
        image[position] = value

    # When it is decoded, then it is read or refused
    assert_decodes_or_is_invalid(bytes(image))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.5, 0.9, 0.99])
def test_a_file_without_its_last_pixels_is_never_read(name: str, part: float) -> None:
    # Given a file whose pixels are not all there
    whole = FILES[name]

    # When it is decoded, then it is refused: half a field must not be classified
    with pytest.raises(InvalidImage) as caught:
        decode(whole[: int(len(whole) * part)], LIMITS)
    assert caught.value.reason == "TRUNCATED_IMAGE"
