"""Our metrics against scikit-learn's, and the interval against what is known of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from services.training.metrics import (
    accuracy,
    auc,
    bootstrap_auc,
    expected_calibration_error,
    sensitivity_specificity,
    youden_threshold,
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60).filter(
        lambda pairs: len({truth for truth, _ in pairs}) == 2
    )
)
def test_auc_and_threshold_equal_scikit_learns_ties_included(
    pairs: list[tuple[bool, int]],
) -> None:
    # Given truth and scores with many ties
    truth = np.array([pair[0] for pair in pairs])
    score = np.array([pair[1] / 20 for pair in pairs])

    # When both are measured
    area, threshold = auc(truth, score), youden_threshold(truth, score)

    # Then the area is scikit-learn's, and no other threshold separates better
    assert area == pytest.approx(roc_auc_score(truth, score))
    false_rate, true_rate, _ = roc_curve(truth, score)
    found, clear = sensitivity_specificity(truth, score, threshold)
    reached = found + clear - 1
    best = (true_rate - false_rate).max()
    # Calling all positive is never chosen: where nothing is better than chance, it may be equal.
    assert reached == pytest.approx(best) or best == pytest.approx(0.0)


def test_an_output_with_one_class_has_no_auc() -> None:
    # Given only negatives
    truth, score = np.zeros(5, bool), np.linspace(0, 1, 5)

    # When it is measured
    # Then the area is not a number, and no threshold is invented
    assert np.isnan(auc(truth, score))
    with pytest.raises(ValueError, match="with and without"):
        youden_threshold(truth, score)


def test_the_interval_holds_the_area_and_widens_with_alike_images() -> None:
    # Given 400 images, once of 400 patients, once of 40 whose images are alike
    rng = np.random.default_rng(0)
    truth = np.repeat(rng.random(40) < 0.5, 10)
    score = np.repeat(rng.normal(size=40), 10) + truth * 1.0
    alone = [str(number) for number in range(400)]
    shared = [str(number // 10) for number in range(400)]

    # When both intervals are drawn
    narrow = bootstrap_auc(truth, score, alone, draws=400)
    wide = bootstrap_auc(truth, score, shared, draws=400)

    # Then both hold the area, and that by patient is honest about its few patients
    for low, high in (narrow, wide):
        assert low < auc(truth, score) < high
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_the_interval_repeats_with_its_seed() -> None:
    # Given scores
    rng = np.random.default_rng(1)
    truth, score = rng.random(60) < 0.5, rng.random(60)
    patients = [str(number // 2) for number in range(60)]

    # When the interval is drawn twice
    # Then it is the same
    assert bootstrap_auc(truth, score, patients, 5, 200) == bootstrap_auc(
        truth, score, patients, 5, 200
    )


def test_calls_are_counted_at_the_threshold() -> None:
    # Given four scores, one of them exactly at the threshold
    truth = np.array([True, True, False, False])
    score = np.array([0.5, 0.2, 0.6, 0.1])

    # When they are called at 0.5
    # Then the one at the threshold is positive
    assert accuracy(truth, score, 0.5) == 0.5
    assert sensitivity_specificity(truth, score, 0.5) == (0.5, 0.5)


def test_calibration_error_is_zero_for_frequencies_and_large_for_overconfidence() -> None:
    # Given 1000 images of which 20 % are positive
    truth = np.arange(1000) % 5 == 0

    # When 0.2 and 0.9 are claimed for all
    honest = expected_calibration_error(truth, np.full(1000, 0.2))
    boastful = expected_calibration_error(truth, np.full(1000, 0.9))

    # Then the error is the difference to the frequency
    assert honest == pytest.approx(0.0, abs=1e-9)
    assert boastful == pytest.approx(0.7)
