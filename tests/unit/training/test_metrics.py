"""Our metrics against scikit-learn's and scipy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    brier_score_loss,
    cohen_kappa_score,
    confusion_matrix,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)

from services.training.metrics import (
    auc,
    brier,
    count_calls,
    expected_calibration_error,
    measures_of,
    wilson_interval,
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
    measures = measures_of(count_calls(truth, score >= threshold).sum(axis=0))
    reached = measures["sensitivity"] + measures["specificity"] - 1
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


def test_measures_of_calls_equal_scikit_learns() -> None:
    # Given 200 calls, most of them right
    rng = np.random.default_rng(4)
    truth = rng.random(200) < 0.3
    call = truth ^ (rng.random(200) < 0.2)

    # When they are counted and measured
    counts = count_calls(truth, call).sum(axis=0)
    found = measures_of(counts)

    # Then all agree
    (clear, false), (missed, hit) = confusion_matrix(truth, call)
    assert counts.tolist() == [hit, false, missed, clear]
    assert found["sensitivity"] == pytest.approx(recall_score(truth, call))
    assert found["specificity"] == pytest.approx(recall_score(~truth, ~call))
    assert found["ppv"] == pytest.approx(precision_score(truth, call))
    assert found["npv"] == pytest.approx(precision_score(~truth, ~call))
    assert found["kappa"] == pytest.approx(cohen_kappa_score(truth, call))
    assert found["accuracy"] == pytest.approx((truth == call).mean())


def test_ac1_is_gwets_published_example() -> None:
    # Given the table of Gwet 2008 in which kappa is near zero though raters nearly always agree:
    # 118 times both say yes, 5 and 2 times one does, never both no
    counts = np.array([118.0, 5.0, 2.0, 0.0])

    # When agreement is measured
    found = measures_of(counts)

    # Then AC1 is 0.94 and kappa -0.02
    assert found["ac1"] == pytest.approx(0.94, abs=0.005)
    assert found["kappa"] == pytest.approx(-0.02, abs=0.005)


def test_what_is_undefined_is_no_number() -> None:
    # Given images without a single deposit, none of them called
    found = measures_of(np.array([0.0, 0.0, 0.0, 9.0]))

    # When sensitivity, PPV and kappa are asked for
    # Then none is made up, and specificity is 1
    assert np.isnan([found["sensitivity"], found["ppv"], found["kappa"]]).all()
    assert found["specificity"] == 1.0
    assert found["ac1"] == 1.0


def test_wilsons_interval_is_that_of_the_literature() -> None:
    # Given 81 of 263, the example of Newcombe, Stat Med 1998;17:857, table I
    # When its score interval is taken
    # Then it is the published one
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_brier_equals_scikit_learns() -> None:
    # Given probabilities
    rng = np.random.default_rng(6)
    truth, score = rng.random(90) < 0.5, rng.random(90)

    # When both are scored
    # Then the scores agree
    assert brier(truth, score) == pytest.approx(brier_score_loss(truth, score))


def test_calibration_error_is_zero_for_frequencies_and_large_for_overconfidence() -> None:
    # Given 1000 images of which 20 % are positive
    truth = np.arange(1000) % 5 == 0

    # When 0.2 and 0.9 are claimed for all
    honest = expected_calibration_error(truth, np.full(1000, 0.2))
    boastful = expected_calibration_error(truth, np.full(1000, 0.9))

    # Then the error is the difference to the frequency
    assert honest == pytest.approx(0.0, abs=1e-9)
    assert boastful == pytest.approx(0.7)
