"""Rare classes are drawn more often, by a known factor, and nothing is lost where none is rare."""

import numpy as np
import pytest

from services.training.sampling import MOST, draw_order, draw_rates


def test_images_of_a_rare_class_are_drawn_more_often_by_the_root_of_the_ratio() -> None:
    # Given a hundred images, of which three show a location and half any deposit
    truth = np.zeros((100, 5))
    truth[:50, 0] = truth[:50, 1] = 1
    truth[:3, 4] = 1

    # When rates for a wanted share of 0.27 are taken
    rates = draw_rates(truth, 0.27)

    # Then the three are drawn three times as often, the others alike
    np.testing.assert_allclose(rates[:3], 3.0)
    np.testing.assert_allclose(rates[3:], 1.0)


def test_no_image_is_drawn_all_the_time() -> None:
    # Given one image of a kind among many
    truth = np.zeros((1000, 5))
    truth[0, :2] = 1

    # When rates are taken
    # Then its rate is limited
    assert draw_rates(truth, 0.3).max() == MOST


def test_what_was_not_assessed_makes_no_image_rare() -> None:
    # Given images without any label
    # When rates are taken
    # Then all are alike
    assert (draw_rates(np.full((10, 5), np.nan), 0.3) == 1.0).all()


def test_equal_rates_show_every_image_once() -> None:
    # Given equal rates
    # When an order is drawn
    order = draw_order(np.random.default_rng(5), np.ones(50))

    # Then it is a permutation, and not the trivial one
    assert sorted(order) == list(range(50))
    assert list(order) != list(range(50))


@pytest.mark.parametrize("seed", range(5))
def test_each_image_comes_as_often_as_its_rate_says(seed: int) -> None:
    # Given rates of 1 and 3
    rates = np.array([1.0] * 30 + [3.0] * 10)

    # When an order is drawn
    order = draw_order(np.random.default_rng(seed), rates)

    # Then its length is that of the data, and each count is its share rounded up or down
    counts = np.bincount(order, minlength=40)
    assert len(order) == 40
    expected = rates * 40 / rates.sum()
    assert (np.abs(counts - expected) < 1).all()
