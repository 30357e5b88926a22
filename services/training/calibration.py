"""Platt scaling: logits become probabilities that mean what they say.

Presence is fitted on all validation images, each location on those with
deposits, as it is a probability *given* presence.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

PRIOR = 1e-3
"""Weight of the pull towards slope 1 and offset 0, so that a perfect split has a finite fit."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """The calibrated logit is slope * logit + offset, per output."""

    slopes: tuple[float, ...]
    offsets: tuple[float, ...]


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
    scaled = logits * np.array(scaling.slopes) + np.array(scaling.offsets)
    probability = 1.0 / (1.0 + np.exp(-scaled))
    return np.concatenate([probability[:, :1], probability[:, :1] * probability[:, 1:]], axis=1)


def _fit(logit: Floats, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope (positive: ranks stay) and offset with the smallest cross-entropy."""
    if not truth.any() or truth.all():
        raise ValueError(
            "calibration needs validation images with and without each location: "
            "train with more patients or a larger validation share"
        )
    sign = np.where(truth, 1.0, -1.0)

    def cost(parameters: Floats) -> float:
        log_slope, offset = parameters
        margin = sign * (np.exp(log_slope) * logit + offset)
        return float(np.logaddexp(0.0, -margin).mean() + PRIOR * (log_slope**2 + offset**2))

    found = minimize(cost, np.zeros(2), method="Nelder-Mead", options={"maxiter": 2000})
    return float(np.exp(found.x[0])), float(found.x[1])
