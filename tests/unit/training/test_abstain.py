"""The zone is the smallest that makes the other calls good enough."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.training.abstain import LEVEL, MOST, fit_zone


def make_scores(overlap: float) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Truth and scores of 600 images; the larger `overlap`, the more of them are mixed up."""
    rng = np.random.default_rng(2)
    truth = np.arange(600) % 2 == 1
    score = np.clip(0.5 + np.where(truth, 0.25, -0.25) + overlap * rng.normal(size=600), 0, 1)
    return truth, score


def test_a_model_that_is_good_enough_never_abstains() -> None:
    # Given scores that tell the classes apart
    truth, score = make_scores(0.05)

    # When a zone is fitted
    zone = fit_zone(truth, score, 0.5)

    # Then it is empty
    assert zone.low == zone.high == 0.5
    assert zone.share == 0.0


def test_outside_of_the_zone_the_calls_are_as_good_as_wanted() -> None:
    # Given scores of which some are mixed up
    truth, score = make_scores(0.2)
    assert ((score >= 0.5) == truth).mean() < LEVEL

    # When a zone is fitted
    zone = fit_zone(truth, score, 0.5)

    # Then the calls outside are good enough, counted anew
    called = (score < zone.low) | (score >= zone.high)
    assert zone.low < 0.5 < zone.high
    assert (score[called & truth] >= zone.high).mean() == pytest.approx(zone.sensitivity)
    assert (score[called & ~truth] < zone.low).mean() == pytest.approx(zone.specificity)
    assert min(zone.sensitivity, zone.specificity) >= LEVEL
    assert zone.share == pytest.approx((~called).mean())
    assert zone.share < MOST


def test_no_smaller_zone_would_do() -> None:
    # Given few images, so that all zones can be tried
    truth, score = make_scores(0.2)
    truth, score = truth[:60], np.round(score[:60], 3)
    ends = np.unique(np.concatenate([score, [0.0, 0.5, 1.001]]))

    # When each pair of ends is tried
    shares = []
    for low in ends[ends <= 0.5]:
        for high in ends[ends >= 0.5]:
            called = (score < low) | (score >= high)
            hits, clear = score[called & truth] >= high, score[called & ~truth] < low
            if len(hits) and len(clear) and min(hits.mean(), clear.mean()) >= LEVEL:
                shares.append(float((~called).mean()))

    # Then none has fewer images than the one that is fitted
    assert fit_zone(truth, score, 0.5).share == pytest.approx(min(shares))


def test_a_poor_model_abstains_only_so_often() -> None:
    # Given scores that say little
    truth, score = make_scores(1.5)

    # When a zone is fitted
    zone = fit_zone(truth, score, 0.5)

    # Then it stays within the limit and says that the level was missed
    assert zone.share <= MOST
    assert min(zone.sensitivity, zone.specificity) < LEVEL


def test_one_class_alone_has_no_zone() -> None:
    # Given images with deposits only
    # When a zone is fitted
    # Then that is refused
    with pytest.raises(ValueError, match="with and without"):
        fit_zone(np.ones(5, bool), np.linspace(0, 1, 5), 0.5)
