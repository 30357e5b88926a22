"""Intervals by drawing patients again: images of one patient are alike, so patients stay whole.

Patient-clustered bootstrap (Rutter, Acad Radiol 2000;7:413) with percentile
intervals. A draw is a weight per patient, how often it was drawn; every
measure of a draw is a weighted one, so that all draws are a few matrix
products instead of loops over resampled lists.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.training.metrics import Flags, Floats

DRAWS = 2000
SEED = 0
LEVEL = (2.5, 97.5)
"""Percentiles of a 95 % interval."""
LEAST_SHARE = 0.5
"""Where fewer of the draws have a value (a rare class missing from the rest), none is given."""
BLOCK = 4_000_000
"""Weights handled at once, to bound memory to some 100 MB whatever the number of images."""


class PatientBootstrap:
    """The same draws of patients for every measure, so that differences are paired."""

    def __init__(self, patients: Sequence[str], draws: int = DRAWS, seed: int = SEED) -> None:
        names, self._owner = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
        rng = np.random.default_rng(seed)
        even = np.full(len(names), 1.0 / len(names))
        drawn = [rng.multinomial(len(names), even).astype(np.float32) for _ in range(draws)]
        self._weights: NDArray[np.float32] = np.stack(drawn)
        """[draws, patients]."""

    def totals(self, values: Floats) -> Floats:
        """Sums [draws, K] of values [N, K] of the images over each draw's images.

        In single precision: counts stay exact up to 16 million.
        """
        sums = np.zeros((self._weights.shape[1], values.shape[1]))
        np.add.at(sums, self._owner, values)
        return np.asarray(self._weights @ sums.astype(np.float32), np.float64)

    def aucs(self, truth: Flags, score: Floats, chosen: Flags) -> Floats:
        """AUC of the `chosen` [N] images in each draw; NaN where a draw lacks a class.

        The Mann-Whitney form with weights: each image with a deposit counts the
        weight of those without that score lower, and half of those that tie.
        """
        index = np.flatnonzero(chosen)
        index = index[np.argsort(score[index], kind="stable")]
        if not len(index):
            return np.full(len(self._weights), np.nan)
        ranked, hits = score[index], truth[index]
        ties = np.flatnonzero(np.append(True, np.diff(ranked) != 0))
        step = max(1, BLOCK // len(index))
        parts = [
            _weighted_aucs(self._weights[start : start + step][:, self._owner[index]], hits, ties)
            for start in range(0, len(self._weights), step)
        ]
        return np.concatenate(parts)


def _weighted_aucs(weights: NDArray[np.float32], hits: Flags, ties: NDArray[np.intp]) -> Floats:
    """AUCs [B] of weights [B, n] of images in ascending order of score."""
    with_deposit = np.add.reduceat(weights * hits, ties, axis=1, dtype=np.float64)
    without = np.add.reduceat(weights * ~hits, ties, axis=1, dtype=np.float64)
    below = np.cumsum(without, axis=1) - without
    pairs = with_deposit.sum(axis=1) * without.sum(axis=1)
    with np.errstate(invalid="ignore"):
        won = (with_deposit * (below + without / 2)).sum(axis=1) / pairs
    return np.asarray(won, np.float64)


def interval(draws: Floats) -> tuple[float, float] | None:
    """95 % percentile interval of the draws that have a value; None where too few have."""
    known = draws[~np.isnan(draws)]
    if len(known) < LEAST_SHARE * len(draws) or not len(known):
        return None
    low, high = np.percentile(known, LEVEL)
    return float(low), float(high)
