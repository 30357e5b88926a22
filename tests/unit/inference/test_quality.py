"""Findings come with the numbers that led to them, and ordinary images have none."""

import numpy as np
import pytest

from services.common.classification import FindingCode
from services.inference import quality
from services.inference.preprocessing import ModelInput
from tests.images import draw_texture

MODEL = ModelInput(size=224, pixel_size_nm=46.0)


def test_an_ordinary_image_has_no_findings() -> None:
    # Given texture of all greys, of the model's field
    grey = draw_texture(1024, 1024)

    # When it is looked at, then there is nothing to say
    assert quality.look_at_grey(grey, levels=None) == []
    assert quality.look_at_size(1024, 1024, 10.0, MODEL) == []
    assert quality.look_at_scale(10_304, assumed=False) == []
    assert quality.look_at_pages(1) == []
    assert quality.look_at_banner(1024, 1024) == []


def test_few_pixels_are_too_small_whatever_they_show() -> None:
    # Given an image of 100 x 300 pixels
    # When it is looked at
    findings = quality.look_at_size(100, 300, 46.0, MODEL)

    # Then the finding says how many there are and how many are needed
    assert [finding.code for finding in findings] == [FindingCode.TOO_SMALL]
    assert "100 x 300 pixels" in findings[0].message
    assert "224" in findings[0].message


def test_a_small_field_of_many_pixels_is_too_small_in_micrometres() -> None:
    # Given a field of 2 µm at a very high magnification
    # When it is looked at
    findings = quality.look_at_size(2000, 1500, 1.0, MODEL)

    # Then the finding speaks of micrometres
    assert [finding.code for finding in findings] == [FindingCode.TOO_SMALL]
    assert "2.0 µm" in findings[0].message
    assert "10.3 µm" in findings[0].message


def test_an_even_image_is_blank_and_nothing_else() -> None:
    # Given an image of one bright grey with a little noise
    rng = np.random.default_rng(0)
    grey = np.clip(rng.normal(250, 1, (300, 300)), 0, 255).astype(np.uint8)

    # When it is looked at, then it is blank; that it has low contrast goes without saying
    findings = quality.look_at_grey(grey, levels=None)
    assert [finding.code for finding in findings] == [FindingCode.BLANK]


def test_sixteen_bits_of_nearly_one_value_are_blank_even_when_stretched() -> None:
    # Given a stretched image whose file has five values
    grey = draw_texture()

    # When it is looked at, then it is blank, in levels of the file
    findings = quality.look_at_grey(grey, levels=5)
    assert [finding.code for finding in findings] == [FindingCode.BLANK]
    assert "5 levels of the file" in findings[0].message


@pytest.mark.parametrize(("divisor", "levels"), [(8, None), (1, 40)])
def test_a_narrow_range_is_low_contrast(divisor: int, levels: float | None) -> None:
    # Given an image of a narrow range of greys, in the image or in its file
    grey = 100 + draw_texture() // divisor

    # When it is looked at, then it is of low contrast
    findings = quality.look_at_grey(grey.astype(np.uint8), levels)
    assert [finding.code for finding in findings] == [FindingCode.LOW_CONTRAST]


@pytest.mark.parametrize(("level", "word"), [(0, "pure black"), (255, "pure white")])
def test_an_area_of_pure_black_or_white_is_saturated_with_its_share(level: int, word: str) -> None:
    # Given an image with a quarter at the end of the range
    grey = np.clip(draw_texture(400, 400), 1, 254)
    grey[:200, :200] = level

    # When it is looked at, then the finding tells the share
    findings = quality.look_at_grey(grey, levels=None)
    assert [finding.code for finding in findings] == [FindingCode.SATURATED]
    assert f"25% of the image is {word}" in findings[0].message or f"25% {word}" in (
        findings[0].message
    )


def test_scale_pages_and_banner_are_told_with_their_numbers() -> None:
    # Given an assumed scale, three pages and a banner
    findings = [
        *quality.look_at_scale(10_304, assumed=True),
        *quality.look_at_pages(3),
        *quality.look_at_banner(2372, 2048),
    ]

    # When they are looked at, then each has its finding and its numbers
    assert [finding.code for finding in findings] == [
        FindingCode.UNKNOWN_SCALE,
        FindingCode.MULTI_PAGE,
        FindingCode.BANNER,
    ]
    assert "10.3 µm" in findings[0].message
    assert "3 images" in findings[1].message
    assert "324 of 2372 rows" in findings[2].message
