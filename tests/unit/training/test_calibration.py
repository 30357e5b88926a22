"""Calibration recovers what distorted the logits, and keeps marginals below presence."""

import numpy as np
import pytest

from services.training.calibration import Scaling, fit_scaling, scaled_marginals


def test_fitting_undoes_a_known_distortion() -> None:
    # Given logits that are twice too large and shifted
    rng = np.random.default_rng(2)
    honest = rng.normal(0, 1.5, size=(8000, 5))
    truth = rng.random((8000, 5)) < 1 / (1 + np.exp(-honest))
    distorted = honest * 2.0 + 1.0

    # When a scaling is fitted
    scaling = fit_scaling(distorted, truth)

    # Then it halves and shifts back
    assert scaling.slopes == pytest.approx([0.5] * 5, abs=0.06)
    assert scaling.offsets == pytest.approx([-0.5] * 5, abs=0.12)


def test_a_perfect_split_has_a_finite_fit() -> None:
    # Given logits that separate both classes of every output
    truth = np.tile(np.array([[True, True, False, True, False], [False] * 5]), (10, 1))
    truth = np.vstack([truth, np.tile([[True, False, True, False, True]], (10, 1))])
    logits = np.where(truth, 3.0, -3.0)

    # When a scaling is fitted
    scaling = fit_scaling(logits, truth)

    # Then it is finite and keeps the order
    assert np.isfinite([*scaling.slopes, *scaling.offsets]).all()
    assert min(scaling.slopes) > 0


def test_a_location_nobody_has_cannot_be_calibrated() -> None:
    # Given a location without a single positive
    truth = np.array([[True, True, True, True, False], [False] * 5, [True, *[False] * 4]] * 4)

    # When a scaling is fitted
    # Then the error says what is missing
    with pytest.raises(ValueError, match="with and without each location"):
        fit_scaling(np.zeros((12, 5)), truth)


def test_marginals_never_exceed_presence() -> None:
    # Given any logits
    logits = np.random.default_rng(3).normal(0, 5, size=(200, 5))

    # When marginals are taken
    found = scaled_marginals(logits, Scaling((1.3,) * 5, (0.2,) * 5))

    # Then no location is more probable than presence
    assert (found[:, 1:] <= found[:, :1]).all()
