"""What is said of an int8 graph beside the reference."""

import numpy as np
import pytest

from services.training.int8 import compare


def test_changes_of_probabilities_and_of_areas_are_measured() -> None:
    # Given answers that differ in one image so that two change places
    truth = np.zeros((4, 5))
    truth[2:, :] = 1
    reference = np.tile(np.array([[0.1], [0.4], [0.6], [0.9]]), (1, 5))
    other = reference.copy()
    other[2, 1] = 0.35

    # When they are compared
    found = compare(reference, other, truth, speed=2.0)

    # Then the largest change and the change of that output's area are told
    assert found.probability_change == pytest.approx(0.25)
    assert found.auc_change["mesangial"] == pytest.approx(0.25)
    assert found.auc_change["presence"] == 0.0


def test_outputs_without_both_classes_have_no_change() -> None:
    # Given images of which one output was never assessed and one is always positive
    truth = np.array([[0, 0, 1, 0, np.nan], [1, 1, 1, 1, np.nan]], dtype=float)
    answers = np.array([[0.2] * 5, [0.8] * 5])

    # When answers are compared
    found = compare(answers, answers, truth, speed=1.0)

    # Then these two are left out
    assert set(found.auc_change) == {"presence", "mesangial", "intramembranous"}
