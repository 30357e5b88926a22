"""The same field gives the same windows, whatever file it came in."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from services.inference.decoding import DecodeLimits, decode
from services.inference.preparation import prepare_image
from services.inference.preprocessing import ModelInput, windows
from tests.images import draw_texture, jpeg_bytes, png_bytes, tiff_bytes

MODEL = ModelInput(size=224, pixel_size_nm=46.0)
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

#: Grey levels, of 255, by which the pixels of a window may differ on average and at most between
#: a JPEG shrunk while it was decoded and the same pixels decoded in full. Where a field's dark or
#: bright grey falls on the next level, all its greys move by up to one.
MEAN_LEVELS, MOST_LEVELS = 0.5, 4


def prepared_windows(image: bytes, pixel_size_nm: float | None = 10.0) -> NDArray[np.uint8]:
    return prepare_image(image, pixel_size_nm, MODEL, DecodeLimits()).windows.pixels


@pytest.mark.parametrize("size", [(1024, 1024), (1104, 1024), (2048, 2048), (700, 1500)])
def test_lossless_formats_give_the_same_windows_to_the_bit(size: tuple[int, int]) -> None:
    # Given a field, as it is trained on and as PNG and TIFF files
    grey = draw_texture(*size)
    trained = windows(grey, 10.0, MODEL).pixels
    files = [png_bytes(grey), tiff_bytes(grey), tiff_bytes(255 - grey, photometric="miniswhite")]

    for image in files:
        # When it is served, then the model sees what it was trained on
        np.testing.assert_array_equal(prepared_windows(image), trained)


@pytest.mark.parametrize("size", [(1024, 1024), (1032, 1376), (2048, 2048), (2444, 3744)])
@pytest.mark.parametrize("pixel_size_nm", [3.26, 10.0, 15.0, None])
def test_shrinking_while_decoding_changes_next_to_nothing(
    size: tuple[int, int], pixel_size_nm: float | None
) -> None:
    # Given a JPEG, and its pixels decoded in full
    image = jpeg_bytes(draw_texture(*size))
    full = windows(decode(image, DecodeLimits()).field, pixel_size_nm, MODEL).pixels

    # When it is served, shrunk while it is decoded
    served = prepared_windows(image, pixel_size_nm)

    # Then the windows are the same within the stated levels
    difference = np.abs(served.astype(int) - full)
    assert difference.mean() <= MEAN_LEVELS
    assert difference.max() <= MOST_LEVELS


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample micrographs are not here")
def test_real_micrographs_are_read_at_their_scale() -> None:
    # Given real micrographs, about 10 nm per pixel, and one of 3.26 nm with burned-in labels
    for path in sorted(SAMPLES.glob("*.png")):
        # When they are prepared, then each is one window of the right size
        prepared = prepare_image(path.read_bytes(), 10.0, MODEL, DecodeLimits())
        assert prepared.windows.pixels.shape == (1, 1, 224, 224)
        assert prepared.findings == ()
    large = SAMPLES / "snider_A1--0024.jpg"
    prepared = prepare_image(large.read_bytes(), 3.26, MODEL, DecodeLimits())
    assert prepared.windows.pixels.shape == (2, 1, 224, 224)
    assert prepared.summary.analysed_height == 2444
    assert prepared.findings == ()
