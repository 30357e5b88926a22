"""How good probabilities are: AUC, accuracy, calibration, with intervals by patient."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def auc(truth: Flags, score: Floats) -> float:
    """Area under the ROC curve [0, 1], ties counted half; NaN where one class is absent."""
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def bootstrap_auc(
    truth: Flags, score: Floats, patients: Sequence[str], seed: int = 0, draws: int = 2000
) -> tuple[float, float]:
    """95 % interval of the AUC: whole patients are drawn again, as their images are alike.

    Draws without one of the classes are left out; NaN where none has both.
    """
    rng = np.random.default_rng(seed)
    names, owner = np.unique(np.asarray(patients), return_inverse=True)
    members = [np.flatnonzero(owner == number) for number in range(len(names))]
    values = []
    for _ in range(draws):
        chosen = rng.integers(len(members), size=len(members))
        index = np.concatenate([members[number] for number in chosen])
        values.append(auc(truth[index], score[index]))
    known = np.array(values)[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def youden_threshold(truth: Flags, score: Floats) -> float:
    """The threshold with the largest sensitivity + specificity, midway between two scores.

    Raises ValueError where one class is absent.
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if positives == 0 or negatives == 0:
        raise ValueError("a threshold needs images with and without the deposit")
    order = np.argsort(-score, kind="stable")
    ranked, hits = score[order], truth[order]
    gain = np.cumsum(hits) / positives - np.cumsum(~hits) / negatives
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    best = int(ends[np.argmax(gain[ends])])
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float((ranked[best] + below) / 2)


def accuracy(truth: Flags, score: Floats, threshold: float) -> float:
    """Share of right calls."""
    return float(((score >= threshold) == truth).mean())


def sensitivity_specificity(truth: Flags, score: Floats, threshold: float) -> tuple[float, float]:
    """Share of deposits found and share of clear images called clear; NaN without such images."""
    call = score >= threshold
    found = float(call[truth].mean()) if truth.any() else float("nan")
    clear = float((~call)[~truth].mean()) if (~truth).any() else float("nan")
    return found, clear


def expected_calibration_error(truth: Flags, score: Floats, bins: int = 10) -> float:
    """Mean distance of probability and frequency over `bins` groups of equally many images."""
    order = np.argsort(score, kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    gaps = [abs(score[group].mean() - truth[group].mean()) * len(group) for group in groups]
    return float(sum(gaps) / len(score))
