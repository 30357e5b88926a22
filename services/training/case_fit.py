"""Fits the rule of cases (services.common.case_rule) on patients.

A case may hold any number of a patient's micrographs. So each patient gives, for every number
up to all of them, one set drawn at random, with the truth of just these images; the
patient's sets together weigh one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from services.common.case_rule import OUTPUTS, OutputRule
from services.inference.case_coefficients import CaseCoefficients, CaseOutput
from services.training.metrics import youden_threshold

Floats = NDArray[np.float64]

SEED = 1039
"""Of the sets that are drawn."""

PRIOR = 1e-3
"""Weight of the pull towards the plain rule, so that a perfect split has a finite fit."""


def fit_cases(patients: Sequence[str], probabilities: Floats, truth: Floats) -> CaseCoefficients:
    """Fit to N micrographs: whose they are, probabilities [N, 5], truth [N, 5], NaN: not assessed.

    Raises ValueError where an output has no patients with, or none without, a deposit.
    """
    groups: dict[str, list[int]] = {}
    for index, patient in enumerate(patients):
        groups.setdefault(patient, []).append(index)
    outputs = {}
    for column, name in enumerate(OUTPUTS):
        score, known = probabilities[:, column], np.isfinite(truth[:, column])
        assessed = [np.array([i for i in each if known[i]]) for each in groups.values()]
        sets = _sets([each for each in assessed if len(each)])
        outputs[name] = _fit(name, sets, score, truth[:, column] == 1)
    return CaseCoefficients(patients=len(groups), outputs=outputs)


Sets = list[tuple[NDArray[np.int64], float]]


def _sets(groups: Sequence[NDArray[np.int64]]) -> Sets:
    rng = np.random.default_rng(SEED)
    return [
        (rng.choice(group, size, replace=False), 1 / len(group))
        for group in groups
        for size in range(1, len(group) + 1)
    ]


def _fit(name: str, sets: Sets, score: Floats, positive: NDArray[np.bool_]) -> CaseOutput:
    highest = np.array([score[each].max() for each, _ in sets])
    plain = OutputRule()
    logits = np.array([plain.logit(value, 1) for value in highest])
    log_images = np.log([len(each) for each, _ in sets])
    weights = np.array([weight for _, weight in sets])
    truth = np.array([positive[each].any() for each, _ in sets])
    if truth.all() or not truth.any():
        raise ValueError(f"cases: {name} needs patients with it and patients without")
    sign = np.where(truth, 1.0, -1.0)

    def cost(parameters: Floats) -> float:
        log_slope, offset, per_log_image = parameters
        margin = sign * (np.exp(log_slope) * logits + offset + per_log_image * log_images)
        pull = PRIOR * float(np.square(parameters).sum())
        return float(np.average(np.logaddexp(0.0, -margin), weights=weights)) + pull

    found = minimize(cost, np.zeros(3), method="Nelder-Mead", options={"maxiter": 4000})
    slope, offset, per_log_image = float(np.exp(found.x[0])), float(found.x[1]), float(found.x[2])
    fitted = expit(slope * logits + offset + per_log_image * log_images)
    return CaseOutput(
        slope=slope,
        offset=offset,
        log_images=per_log_image,
        threshold=float(np.clip(youden_threshold(truth, fitted), 0.0, 1.0)),
    )
