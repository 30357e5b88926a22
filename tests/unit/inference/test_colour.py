"""Electron micrographs are grey: what is coloured is flagged, in whatever format it comes."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from services.common.classification import FindingCode
from services.inference.decoding import DecodeLimits
from services.inference.preparation import prepare_image
from services.inference.preprocessing import ModelInput
from tests.images import draw_texture, jpeg_bytes, png_bytes, tiff_bytes
from tests.strange_pictures import SIZE, draw_stained_section

RGB = NDArray[np.uint8]


def rgb_tiff(pixels: RGB) -> bytes:
    return tiff_bytes(pixels.astype(np.uint16) * 257, photometric="rgb")


def alpha_png(pixels: RGB) -> bytes:
    return png_bytes(np.dstack([pixels, np.full((SIZE, SIZE), 255, np.uint8)]))


FORMATS = pytest.mark.parametrize("write", [jpeg_bytes, png_bytes, rgb_tiff, alpha_png])


def remarks(content: bytes) -> list[tuple[FindingCode | str, str]]:
    model = ModelInput(size=224, pixel_size_nm=46.0)
    prepared = prepare_image(content, 16.0, model, DecodeLimits())
    return [(finding.code, finding.message) for finding in prepared.findings]


@FORMATS
def test_a_coloured_image_is_flagged_with_how_much_of_it_is(write: Callable[[RGB], bytes]) -> None:
    # Given a stained section from a light microscope
    # When it is prepared
    said = remarks(write(draw_stained_section(0)))

    # Then one finding says that it is no electron micrograph
    assert [code for code, _ in said] == [FindingCode.UNFAMILIAR]
    assert "% of the image's pixels are coloured" in said[0][1]


@FORMATS
def test_a_grey_image_in_three_channels_with_coloured_marks_is_not(
    write: Callable[[RGB], bytes],
) -> None:
    # Given a micrograph saved as RGB, on which someone drew
    marked = cv2.cvtColor(draw_texture(SIZE, SIZE), cv2.COLOR_GRAY2RGB)
    cv2.arrowedLine(marked, (80, 90), (300, 320), (255, 220, 0), 8)
    cv2.rectangle(marked, (400, 400), (500, 560), (255, 0, 0), 6)

    # When it is prepared, then there is nothing to say
    assert remarks(write(np.asarray(marked, np.uint8))) == []
