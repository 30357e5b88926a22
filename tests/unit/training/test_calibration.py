"""Calibration recovers what distorted the logits, and keeps marginals below presence."""

import numpy as np
import pytest

from services.inference.manifest import OUTPUTS
from services.training.calibration import (
    Scaling,
    fit_scaling,
    scaled_marginals,
    unscaled_marginals,
)


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


def test_what_calibration_did_can_be_undone() -> None:
    # Given calibrated marginals of known logits
    logits = np.random.default_rng(5).normal(0, 3, size=(300, 5))
    scaling = Scaling((0.4, 0.5, 0.6, 0.7, 0.8), (-1.0, 0.3, 0.0, 0.5, -0.2))
    calibrated = scaled_marginals(logits, scaling)

    # When the scaling is taken back
    found = unscaled_marginals(calibrated, scaling)

    # Then the marginals of the plain logits are there again
    assert found == pytest.approx(scaled_marginals(logits, Scaling((1.0,) * 5, (0.0,) * 5)))


def test_certainty_is_undone_without_infinities() -> None:
    # Given probabilities that float32 has rounded to 0 and 1
    certain = np.array([[1.0, 1.0, 0.0, 0.0, 1.0], [0.0] * 5])

    # When the scaling is taken back
    found = unscaled_marginals(certain, Scaling((0.5,) * 5, (0.1,) * 5))

    # Then they stay finite and on their sides
    assert np.isfinite(found).all()
    assert (found[0, [0, 1, 4]] > 0.99).all()
    assert (found[0, 2:4] < 0.01).all()


def test_a_scaling_is_read_from_a_bundles_manifest() -> None:
    # Given parameters as a bundle has them, and one without
    parameters = {output: {"slope": 2.0, "offset": 0.5} for output in OUTPUTS}

    # When they are read
    # Then slopes and offsets are there, or nothing is
    assert Scaling.from_parameters(parameters) == Scaling((2.0,) * 5, (0.5,) * 5)
    assert Scaling.from_parameters({}) is None
    assert Scaling.from_parameters(parameters | {"presence": "temperature"}) is None


def test_labels_that_were_not_assessed_do_not_calibrate() -> None:
    # Given logits whose truth is wrong wherever it was not assessed
    rng = np.random.default_rng(8)
    logits = rng.normal(0, 1.5, size=(4000, 5))
    truth = rng.random((4000, 5)) < 1 / (1 + np.exp(-logits))
    assessed = rng.random((4000, 5)) < 0.5
    assessed[:, 0] = True
    spoilt = np.where(assessed, truth, ~truth)

    # When a scaling is fitted where they were assessed
    scaling = fit_scaling(logits, spoilt, assessed)

    # Then it finds the truth of the rest
    assert scaling.slopes == pytest.approx([1.0] * 5, abs=0.12)
