"""Platt scaling: logits become probabilities that mean what they say.

Presence is fitted on all images of the calibration split, each location on
those with deposits, as it is a probability *given* presence (Platt, Advances in
Large Margin Classifiers 1999).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from services.inference.manifest import OUTPUTS

Floats = NDArray[np.float64]

PRIOR = 1e-3
"""Weight of the pull towards slope 1 and offset 0, so that a perfect split has a finite fit."""

SATURATED = 1e-7
"""Probabilities are kept so far from 0 and 1 before a logit is taken: float32 ends there."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """The calibrated logit is slope * logit + offset, per output."""

    slopes: tuple[float, ...]
    offsets: tuple[float, ...]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> "Scaling | None":
        """Slopes and offsets as a bundle's manifest keeps them; None where it has none."""
        each = [parameters.get(output) for output in OUTPUTS]
        if not all(isinstance(one, Mapping) and {"slope", "offset"} <= set(one) for one in each):
            return None
        return cls(
            tuple(float(one["slope"]) for one in each if one),
            tuple(float(one["offset"]) for one in each if one),
        )


def fit_scaling(
    logits: Floats, truth: NDArray[np.bool_], assessed: NDArray[np.bool_] | None = None
) -> Scaling:
    """Fit logits [N, 5] (presence, locations given presence) to truth [N, 5] where `assessed`.

    Raises ValueError where an output has only one class to fit on.
    """
    known = np.ones_like(truth) if assessed is None else assessed
    fits = []
    for column in range(logits.shape[1]):
        used = known[:, column] & (truth[:, 0] if column else True)
        fits.append(_fit(logits[used, column], truth[used, column]))
    return Scaling(tuple(fit[0] for fit in fits), tuple(fit[1] for fit in fits))


def scaled_marginals(logits: Floats, scaling: Scaling) -> Floats:
    """Calibrated marginal probabilities [N, 5] of logits [N, 5]."""
    return _marginals(logits * np.array(scaling.slopes) + np.array(scaling.offsets))


def unscaled_marginals(probabilities: Floats, scaling: Scaling) -> Floats:
    """What calibrated marginals [N, 5] were before `scaling`: its exact inverse, then marginals.

    So the probabilities before calibration need no second graph; those within
    1e-7 of 0 or 1 cannot be told apart.
    """
    given = probabilities.astype(np.float64)
    given[:, 1:] /= np.maximum(given[:, :1], np.finfo(np.float64).tiny)
    scaled = logit(np.clip(given, SATURATED, 1.0 - SATURATED))
    return _marginals((scaled - np.array(scaling.offsets)) / np.array(scaling.slopes))


def _marginals(logits: Floats) -> Floats:
    probability = np.asarray(expit(logits), np.float64)
    return np.concatenate([probability[:, :1], probability[:, :1] * probability[:, 1:]], axis=1)


def _fit(logits: Floats, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope (positive: ranks stay) and offset with the smallest cross-entropy."""
    if not truth.any() or truth.all():
        raise ValueError(
            "calibration needs validation images with and without each location: "
            "train with more patients or a larger validation share"
        )
    sign = np.where(truth, 1.0, -1.0)

    def cost(parameters: Floats) -> float:
        log_slope, offset = parameters
        margin = sign * (np.exp(log_slope) * logits + offset)
        return float(np.logaddexp(0.0, -margin).mean() + PRIOR * (log_slope**2 + offset**2))

    found = minimize(cost, np.zeros(2), method="Nelder-Mead", options={"maxiter": 2000})
    return float(np.exp(found.x[0])), float(found.x[1])
