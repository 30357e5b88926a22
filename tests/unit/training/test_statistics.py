"""Statistics of pictures whose numbers are known."""

import cv2
import numpy as np
import pytest

from services.training.phantom.statistics import measure


def test_noise_is_measured_as_it_was_made() -> None:
    # Given two greys, with noise of a known deviation and correlation
    rng = np.random.default_rng(0)
    noise = cv2.GaussianBlur(rng.standard_normal((600, 600)), (0, 0), 0.7)
    noise *= 6.0 / noise.std()
    image = np.full((600, 600), 60.0)
    image[:, 300:] = 200.0
    image[:, :12], image[:, -12:] = 0.0, 255.0

    # When it is measured at its own scale
    found = measure(np.clip(image + noise, 0, 255).astype(np.uint8), 10.0)

    # Then deviation is 6 of the range, up to what flat blocks lack, and neighbours agree
    assert found.flat_deviation == pytest.approx(6.0 / 255, rel=0.2)
    assert found.flat_correlation == pytest.approx(np.exp(-1 / (4 * 0.7**2)), abs=0.15)


def test_a_smooth_picture_has_a_steeper_spectrum_than_noise() -> None:
    # Given noise, and the same noise smoothed over 300 nm
    rough = np.random.default_rng(1).standard_normal((512, 512)) * 30 + 128
    smooth = cv2.GaussianBlur(rough, (0, 0), 30.0)
    smooth = (smooth - smooth.mean()) / smooth.std() * 30 + 128

    # When both are measured
    flat, steep = (
        measure(np.clip(image, 0, 255).astype(np.uint8), 10.0) for image in (rough, smooth)
    )

    # Then noise has no slope and the smooth picture has
    assert abs(flat.slope) < 0.3
    assert steep.slope < -2.0
    assert steep.edges < flat.edges
