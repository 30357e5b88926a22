"""How good probabilities and calls are. Pure functions; intervals are made in bootstrap.py.

Calls are counted as true and false positives and negatives; every function of
counts takes single numbers or arrays of them, one per bootstrap draw.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COUNTS = ("true_positives", "false_positives", "false_negatives", "true_negatives")
SHARES = ("accuracy", "sensitivity", "specificity", "ppv", "npv")
AGREEMENTS = ("kappa", "ac1")


def auc(truth: Flags, score: Floats) -> float:
    """Area under the ROC curve [0, 1], ties counted half; NaN where one class is absent."""
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def youden_threshold(truth: Flags, score: Floats) -> float:
    """The threshold with the largest sensitivity + specificity, midway between two scores.

    Youden, Cancer 1950;3:32. Raises ValueError where one class is absent.
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


def count_calls(truth: Flags, call: Flags) -> Floats:
    """[N, 4]: for each image a 1 in its column of COUNTS. Sum rows to count."""
    return np.stack([truth & call, ~truth & call, truth & ~call, ~truth & ~call], axis=1).astype(
        np.float64
    )


def measures_of(counts: Floats) -> dict[str, Floats]:
    """Shares of right calls and agreement beyond chance from counts [..., 4].

    Accuracy, sensitivity, specificity, positive and negative predictive value
    (at the prevalence of these images), Cohen's kappa (Educ Psychol Meas
    1960;20:37) and Gwet's AC1, which keeps its meaning where nearly all
    images are alike (Br J Math Stat Psychol 2008;61:29). NaN where undefined.
    """
    hit, false, missed, clear = np.moveaxis(np.asarray(counts, np.float64), -1, 0)
    total = hit + false + missed + clear
    called, present = hit + false, hit + missed
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracy = (hit + clear) / total
        by_chance = (called * present + (total - called) * (total - present)) / total**2
        prevalence = (called + present) / (2 * total)
        alike = 2 * prevalence * (1 - prevalence)
        found = {
            "accuracy": accuracy,
            "sensitivity": hit / present,
            "specificity": clear / (total - present),
            "ppv": hit / called,
            "npv": clear / (total - called),
            "kappa": (accuracy - by_chance) / (1 - by_chance),
            "ac1": (accuracy - alike) / (1 - alike),
        }
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()}


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """95 % score interval of a share, for independent trials (Wilson, JASA 1927;22:209)."""
    found = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def brier(truth: Flags, score: Floats) -> float:
    """Mean squared distance of probability and truth (Brier, Mon Weather Rev 1950;78:1)."""
    return float(((score - truth) ** 2).mean())


def equal_mass_bins(score: Floats, bins: int = 10) -> list[NDArray[np.intp]]:
    """Indices of images in up to `bins` groups of equally many, by score; ties stay in order."""
    parts = np.array_split(np.argsort(score, kind="stable"), bins)
    return [part for part in parts if len(part)]


def expected_calibration_error(truth: Flags, score: Floats, bins: int = 10) -> float:
    """Mean distance of probability and frequency over `bins` groups of equally many images.

    Equal-mass bins are less biased than equal-width ones (Roelofs et al.,
    AISTATS 2022); a perfectly calibrated model still has an error above 0 by
    chance, the larger the fewer the images.
    """
    gaps = [
        abs(score[group].mean() - truth[group].mean()) * len(group)
        for group in equal_mass_bins(score, bins)
    ]
    return float(sum(gaps) / len(score))
