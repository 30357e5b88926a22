"""What degrading does to greys, and what it must not do."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from services.training.degrade import degrade


def make_image() -> NDArray[np.uint8]:
    """Dark on the left, light on the right, with some structure."""
    image = np.full((128, 128), 190, np.uint8)
    image[:, :64] = 60
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0), np.uint8)


def test_the_same_random_numbers_change_an_image_alike() -> None:
    # Given an image
    image = make_image()

    # When it is degraded twice with one seed and once with another
    first, again, other = (degrade(np.random.default_rng(seed), image) for seed in (1, 1, 2))

    # Then the first two are equal and the third is not
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("seed", range(40))
def test_dark_stays_darker_than_light(seed: int) -> None:
    # Given an image with a dark and a light half
    # When it is degraded
    changed = degrade(np.random.default_rng(seed), make_image()).astype(float)

    # Then the halves can still be told apart by far more than the noise
    assert changed[:, 70:].mean() - changed[:, :58].mean() > 40


def test_greys_differ_widely_between_draws() -> None:
    # Given many draws of one image
    means = [degrade(np.random.default_rng(seed), make_image()).mean() for seed in range(40)]

    # When their means are compared
    # Then brightness varies, and noise is not all that does
    assert np.std(means) > 8
