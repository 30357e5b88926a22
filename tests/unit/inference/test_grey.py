"""Samples of any width and kind become the same 8-bit grey."""

import numpy as np
import pytest

from services.common.errors import InvalidImage
from services.inference.grey import (
    BRIGHT,
    BRIGHT_SHARE,
    DARK,
    DARK_SHARE,
    LEAST_RANGE,
    levels_at,
    luminance,
    standardise,
    to_grey,
    value_range,
)
from tests.images import draw_texture


def test_eight_bits_are_taken_as_they_are() -> None:
    # Given an 8-bit image of little contrast
    grey = draw_texture() // 4

    # When it is mapped
    mapped = to_grey(grey, *value_range(grey))

    # Then nothing was stretched
    assert mapped is grey


@pytest.mark.parametrize(
    "dtype", ["uint16", "int16", "uint32", "int32", "float32", "float64", "uint64"]
)
def test_wider_samples_are_stretched_between_robust_percentiles(dtype: str) -> None:
    # Given an image of wider samples with a few hot and dead pixels
    grey = draw_texture(512, 512).astype(np.float64)
    samples = (grey * 40 + 1000).astype(dtype)
    samples[5, :40] = 32_000
    samples[9, :40] = 0

    # When it is mapped
    low, high = value_range(samples)
    mapped = to_grey(samples, low, high)

    # Then hot and dead pixels did not set the range, and the rest is linear
    assert 1000 <= low < high <= 1000 + 40 * 255
    expected = np.clip((samples.astype(np.float64) - low) * 255 / (high - low), 0, 255)
    assert np.abs(mapped - expected).max() <= 1.01
    assert mapped.dtype == np.uint8


def test_large_values_of_little_range_keep_their_detail() -> None:
    # Given values that 32-bit floats cannot tell apart
    samples = draw_texture().astype(np.uint32) + np.uint32(4_000_000_000)

    # When they are mapped
    mapped = to_grey(samples, *value_range(samples))

    # Then all greys are there
    assert len(np.unique(mapped)) > 100


def test_a_constant_image_becomes_mid_grey() -> None:
    # Given an image of one value
    samples = np.full((64, 64), 4000, np.uint16)

    # When it is mapped, then it is mid-grey, neither black nor white
    assert set(np.unique(to_grey(samples, *value_range(samples)))) == {128}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused_with_their_count(bad: float) -> None:
    # Given a float image with two such pixels
    samples = draw_texture().astype(np.float32)
    samples[3, 3:5] = bad

    # When its range is taken, then the error counts them
    with pytest.raises(InvalidImage, match="2 pixels"):
        value_range(samples)


def test_colours_are_weighted_as_the_eye_does_and_alpha_is_left_out() -> None:
    # Given pure green, half transparent
    samples = np.zeros((4, 4, 4), np.uint8)
    samples[:, :, 1] = 255
    samples[:, :, 3] = 128

    # When its luminance is taken, then it is that of green
    assert set(np.unique(luminance(samples))) == {150}
    assert luminance(samples[:, :, [1, 3]]).shape == (4, 4)


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.3, 40.0), (0.6, 100.0), (0.2, 0.0)])
def test_contrast_and_brightness_of_a_field_do_not_reach_the_model(
    gain: float, offset: float
) -> None:
    # Given a field, and the same taken with another contrast and brightness
    grey = draw_texture(300, 300)
    other = np.rint(offset + gain * grey).astype(np.uint8)

    # When their greys are standardised
    one, two = standardise(grey), standardise(other)

    # Then they differ by what fewer levels cost and no more
    assert np.abs(one.astype(float) - two).max() <= 0.6 / gain + 1.5


def test_dark_and_bright_greys_come_to_lie_at_fixed_levels() -> None:
    # Given a dull field
    grey = (60 + draw_texture(300, 300) // 4).astype(np.uint8)

    # When its greys are standardised
    standard = standardise(grey)

    # Then its percentiles are the fixed ones, and doing it again changes nothing
    assert levels_at(standard, DARK_SHARE, BRIGHT_SHARE) == (DARK, BRIGHT)
    np.testing.assert_array_equal(standardise(standard), standard)


def test_noise_of_a_dull_field_is_not_blown_up() -> None:
    # Given a field with hardly more than noise in it
    grey = np.random.default_rng(1).integers(100, 112, (300, 300)).astype(np.uint8)

    # When its greys are standardised
    standard = standardise(grey)

    # Then they still span little
    assert 12 < np.ptp(standard) <= 11 * (BRIGHT - DARK) / LEAST_RANGE + 1


def test_a_blank_field_is_left_as_it_is() -> None:
    # Given an almost even grey
    grey = np.random.default_rng(1).integers(100, 107, (300, 300)).astype(np.uint8)

    # When its greys are standardised
    # Then nothing changes
    np.testing.assert_array_equal(standardise(grey), grey)
