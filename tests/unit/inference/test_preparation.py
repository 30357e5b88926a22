"""From bytes to windows: which pixel size counts, and that the summary tells what was done."""

import cv2
import numpy as np
import pytest

from services.common.classification import FindingCode, PixelSizeSource
from services.common.errors import InvalidImage, InvalidRequest
from services.inference.classifier import PreparedImage
from services.inference.decoding import DecodeLimits
from services.inference.preparation import prepare_image
from services.inference.preprocessing import ModelInput
from tests.images import draw_texture, jpeg_bytes, png_bytes, tiff_bytes

MODEL = ModelInput(size=224, pixel_size_nm=46.0)
GREY = draw_texture(1024, 1024)


def prepare(image: bytes, pixel_size_nm: float | None = None) -> PreparedImage:
    return prepare_image(image, pixel_size_nm, MODEL, DecodeLimits())


def codes(prepared: PreparedImage) -> list[FindingCode | str]:
    return [finding.code for finding in prepared.findings]


def test_the_request_goes_before_the_file() -> None:
    # Given a file that says 20 nm
    image = tiff_bytes(GREY, resolution=(5e5, 5e5), resolutionunit="centimeter")

    # When the request says 10 nm, and when it says nothing
    asked, silent = prepare(image, 10.0), prepare(image)

    # Then the request counts, else the file
    assert asked.summary.pixel_size_source is PixelSizeSource.REQUEST
    assert asked.summary.pixel_size_nm == pytest.approx(10.0)
    assert (asked.summary.windows, asked.findings) == (1, ())
    assert silent.summary.pixel_size_source is PixelSizeSource.FILE
    assert silent.summary.pixel_size_nm == pytest.approx(20.0)
    assert (silent.summary.windows, silent.findings) == (4, ())
    assert silent.pixel_size_tag == "TIFF XResolution"


def test_an_unknown_scale_is_assumed_and_said() -> None:
    # Given a file without a scale
    # When it is prepared without one
    prepared = prepare(png_bytes(GREY))

    # Then the field was fitted to one window, and a finding says so
    assert prepared.summary.pixel_size_source is PixelSizeSource.ASSUMED
    assert prepared.summary.pixel_size_nm == pytest.approx(10_304 / 1024)
    assert prepared.summary.windows == 1
    assert codes(prepared) == [FindingCode.UNKNOWN_SCALE]


@pytest.mark.parametrize("pixel_size", [float("nan"), -1.0, 0.0, float("inf"), 0.01, 5000.0])
def test_an_impossible_pixel_size_is_a_fault_of_the_request(pixel_size: float) -> None:
    # Given a good image and a pixel size that no microscope has
    # When it is prepared, then the field of the request is named
    with pytest.raises(InvalidRequest) as caught:
        prepare(png_bytes(GREY), pixel_size)
    assert caught.value.reason == "INVALID_PIXEL_SIZE"
    assert caught.value.field == "pixel_size_nm"


def test_the_summary_tells_the_file_as_it_is() -> None:
    # Given a 16-bit RGB file of two pages with a banner
    page = np.vstack([GREY, np.full((100, 1024), 255, np.uint8)]).astype(np.uint16) * 200
    rgb = np.stack([np.dstack([page] * 3)] * 2)

    # When it is prepared
    prepared = prepare(tiff_bytes(rgb, photometric="rgb"), 10.0)

    # Then the summary tells what it was, and the findings what was left out
    summary = prepared.summary
    assert (summary.format, summary.color, summary.bit_depth) == ("TIFF", "rgb", 16)
    assert (summary.width, summary.height, summary.pages) == (1024, 1124, 2)
    assert summary.analysed_height == 1024
    assert codes(prepared) == [FindingCode.MULTI_PAGE, FindingCode.BANNER]


def test_a_banner_does_not_change_the_windows() -> None:
    # Given a field with and without an info bar below
    bar = np.full((120, 1024), 255, np.uint8)
    cv2.putText(bar, "Mag 8000x", (20, 80), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 0, 3)

    # When both are prepared
    plain, barred = prepare(png_bytes(GREY)), prepare(png_bytes(np.vstack([GREY, bar])))

    # Then the model sees the same, at the same scale
    np.testing.assert_array_equal(plain.windows.pixels, barred.windows.pixels)
    assert plain.summary.pixel_size_nm == barred.summary.pixel_size_nm


def test_boxes_are_in_pixels_of_the_file_though_a_jpeg_shrinks_while_it_decodes() -> None:
    # Given a JPEG of four windows that decodes to a quarter of its size
    image = jpeg_bytes(draw_texture(2048, 2048))

    # When it is prepared
    prepared = prepare(image, 10.0)

    # Then the boxes reach over the whole file
    assert prepared.summary.windows == 4
    last = prepared.windows.boxes[-1]
    assert last.left + last.width == pytest.approx(2048, abs=1)
    assert last.top + last.height == pytest.approx(2048, abs=1)
    assert prepared.windows.pixel_size_nm == pytest.approx(10.0)


def test_a_field_of_too_many_windows_is_refused() -> None:
    # Given a good image and a pixel size that makes it half a millimetre
    # When it is prepared, then it is refused
    with pytest.raises(InvalidImage) as caught:
        prepare(png_bytes(GREY), 500.0)
    assert caught.value.reason == "FIELD_TOO_LARGE"


def test_a_small_blank_image_says_both() -> None:
    # Given an even image of 40 x 50 pixels
    # When it is prepared, then the findings say that it is small and that it is blank
    prepared = prepare(png_bytes(np.full((40, 50), 200, np.uint8)), 46.0)
    assert codes(prepared) == [FindingCode.TOO_SMALL, FindingCode.BLANK]
    assert prepared.decode_seconds > 0
