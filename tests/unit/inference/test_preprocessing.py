"""The geometry of the field: scale, windows, boxes; and resampling that keeps the mean."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import InvalidImage
from services.inference.grey import standardise
from services.inference.preprocessing import ModelInput, resample, windows
from tests.images import draw_texture

MODEL = ModelInput(size=224, pixel_size_nm=46.0)


def test_a_field_of_the_models_scale_and_size_is_not_resampled() -> None:
    # Given a field of exactly one window, of standard greys
    grey = standardise(draw_texture(224, 224))

    # When it is cut
    cut = windows(grey, 46.0, MODEL)

    # Then its pixels are untouched
    np.testing.assert_array_equal(cut.pixels, grey[None, None])
    assert (cut.boxes[0].left, cut.boxes[0].top, cut.boxes[0].width) == (0.0, 0.0, 224.0)
    assert not cut.assumed


def test_an_unknown_pixel_size_fits_the_longer_side_to_one_window() -> None:
    # Given a wide field of unknown scale
    grey = draw_texture(500, 1000)

    # When it is cut
    cut = windows(grey, None, MODEL)

    # Then there is one window, and the longer side fills it
    assert cut.pixels.shape == (1, 1, 224, 224)
    assert cut.assumed
    assert cut.pixel_size_nm == pytest.approx(10_304 / 1000)
    assert cut.boxes[0].width == pytest.approx(1000)


@pytest.mark.parametrize(
    ("longer", "count"), [(224, 1), (225, 1), (246, 1), (247, 2), (448, 2), (449, 3)]
)
def test_a_field_is_shrunk_up_to_ten_percent_and_then_split(longer: int, count: int) -> None:
    # Given a field a little longer than a window
    grey = draw_texture(100, longer)

    # When it is cut
    cut = windows(grey, 46.0, MODEL)

    # Then it is one window up to 10 %, and as many as cover it above
    assert len(cut.pixels) == count


def test_a_large_field_is_covered_to_its_edges_by_evenly_spaced_windows() -> None:
    # Given a field of 3 by 2 windows and a little
    grey = standardise(draw_texture(400, 600))

    # When it is cut
    cut = windows(grey, 46.0, MODEL)

    # Then the windows begin at the first pixel, end at the last and leave nothing out
    assert [(box.left, box.top) for box in cut.boxes] == [
        (left, top) for top in (0, 176) for left in (0, 188, 376)
    ]
    for window, box in zip(cut.pixels, cut.boxes, strict=True):
        left, top = int(box.left), int(box.top)
        np.testing.assert_array_equal(window[0], grey[top : top + 224, left : left + 224])


def test_a_small_field_lies_in_the_middle_of_its_median_grey() -> None:
    # Given a field smaller than a window
    grey = standardise(draw_texture(100, 150))

    # When it is cut
    cut = windows(grey, 46.0, MODEL)

    # Then it is centred, and what surrounds it is its median
    box, window = cut.boxes[0], cut.pixels[0, 0]
    assert (box.left, box.top, box.width, box.height) == (-37, -62, 224, 224)
    np.testing.assert_array_equal(window[62:162, 37:187], grey)
    outside = np.ones(window.shape, bool)
    outside[62:162, 37:187] = False
    assert set(window[outside].tolist()) == {int(np.median(grey))}


def test_boxes_are_in_pixels_of_the_field_whatever_its_scale() -> None:
    # Given a field of four times the model's resolution, two windows wide
    grey = draw_texture(896, 1792)

    # When it is cut
    cut = windows(grey, 11.5, MODEL)

    # Then each box spans 896 pixels of the field
    assert [(box.left, box.width) for box in cut.boxes] == [(0.0, 896.0), (896.0, 896.0)]


def test_a_field_of_too_many_windows_is_refused_with_its_size() -> None:
    # Given a pixel size that makes the field a millimetre wide
    grey = draw_texture(200, 2000)

    # When it is cut, then the error names the size and the field of the request
    with pytest.raises(InvalidImage, match="1,000 x 100 µm") as caught:
        windows(grey, 500.0, MODEL)
    assert caught.value.reason == "FIELD_TOO_LARGE"
    assert caught.value.field == "pixel_size_nm"


def test_fine_detail_is_averaged_away_and_not_aliased() -> None:
    # Given stripes of one pixel, far finer than a pixel of the model
    stripes = np.tile(np.array([0, 255], np.uint8), (1000, 500))

    # When they are reduced to a quarter and less
    reduced = resample(stripes, 224, 224)

    # Then what is left is their mean, with no pattern of its own
    assert np.abs(reduced.astype(int) - 127).max() <= 16


def test_reduction_in_two_steps_agrees_with_the_exact_mean() -> None:
    # Given a texture and its exact reduction by five, pixel by pixel
    grey = draw_texture(1120, 1120)
    exact = grey.reshape(224, 5, 224, 5).mean(axis=(1, 3))

    # When it is resampled
    reduced = resample(grey, 224, 224)

    # Then no pixel differs by more than a few levels, and the mean by next to nothing
    difference = reduced.astype(float) - exact
    assert np.abs(difference).max() < 6
    assert abs(difference.mean()) < 0.2


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(32, 700),
    width=st.integers(32, 700),
    pixel_size=st.one_of(st.none(), st.floats(0.05, 100.0)),
)
def test_every_field_becomes_whole_windows_that_cover_it(
    height: int, width: int, pixel_size: float | None
) -> None:
    # Given a field of any shape and scale
    grey = np.full((height, width), 77, np.uint8)

    # When it is cut
    cut = windows(grey, pixel_size, MODEL, max_windows=1000)

    # Then the windows are whole and reach over the field on all sides
    assert cut.pixels.shape == (len(cut.boxes), 1, 224, 224)
    assert (cut.pixels == 77).all()
    assert min(box.left for box in cut.boxes) <= 0
    assert min(box.top for box in cut.boxes) <= 0
    assert max(box.left + box.width for box in cut.boxes) >= width - 1e-6
    assert max(box.top + box.height for box in cut.boxes) >= height - 1e-6
