"""The out-of-distribution score is about one at home and grows outside."""

import numpy as np
import pytest

from services.training.familiarity import fit_feature_space


def test_training_data_score_about_one_and_strange_data_more() -> None:
    # Given features that vary in some directions
    rng = np.random.default_rng(4)
    mixing = rng.normal(size=(40, 40))
    home = rng.normal(size=(2000, 40)) @ mixing
    space = fit_feature_space(home, components=16)

    # When new features of the same kind and shifted ones are scored
    familiar = space.score(rng.normal(size=(500, 40)) @ mixing)
    strange = space.score(rng.normal(size=(500, 40)) @ mixing + 40.0 * mixing[0])

    # Then the first are near one and the second above nearly all of them
    assert np.sqrt((familiar**2).mean()) == pytest.approx(1.0, abs=0.05)
    assert np.median(strange) > np.percentile(familiar, 99)


def test_a_channel_that_never_varied_does_not_swamp_the_others() -> None:
    # Given features of which one is constant in training
    rng = np.random.default_rng(4)
    home = rng.normal(size=(500, 20))
    home[:, 7] = 3.0
    space = fit_feature_space(home, components=16)

    # When it differs by rounding
    other = rng.normal(size=(100, 20))
    other[:, 7] = 3.0 + 1e-5

    # Then scores are ordinary numbers near one
    assert np.median(space.score(other)) < 2.0
    assert np.abs(space.whitening).max() < 60_000  # a float16 holds it


def test_too_few_images_are_refused() -> None:
    # Given a handful of images
    features = np.zeros((20, 64))

    # When the space is fitted
    # Then that is refused
    with pytest.raises(ValueError, match="20 training images are too few"):
        fit_feature_space(features)
