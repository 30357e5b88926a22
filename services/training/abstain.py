"""Zones round the thresholds in which the model abstains, because its calls are wrong too often."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVEL = 0.95
"""Sensitivity and specificity wanted of the calls that are made."""
MOST = 0.30
"""Largest share of images without a call: a model that mostly abstains is of no use."""
STEPS = 120
"""Candidates on each side of the threshold."""


@dataclass(frozen=True, slots=True)
class Zone:
    """From `low` to below `high` nothing is called; the rest is as good as stated."""

    low: float
    high: float
    share: float
    """Of the images it was fitted on that lie in it."""
    sensitivity: float
    specificity: float


def fit_zone(truth: Flags, probability: Floats, threshold: float) -> Zone:
    """The smallest zone outside of which sensitivity and specificity both reach LEVEL.

    Smallest is with the fewest of the N images in it. Where no zone with at
    most MOST of them is enough, the one whose worse figure is best. After Chow
    (IEEE Trans Inf Theory 1970;16:41), with the costs given as figures to reach.
    Raises ValueError where a class is absent.
    """
    if truth.all() or not truth.any():
        raise ValueError("a zone needs images with and without the deposit")
    lows = _candidates(probability[probability < threshold], threshold)
    highs = _candidates(probability[probability >= threshold], threshold)
    positives, negatives = np.sort(probability[truth]), np.sort(probability[~truth])
    missed, clear = (np.searchsorted(each, lows)[:, None] for each in (positives, negatives))
    found, false = (
        len(each) - np.searchsorted(each, highs)[None, :] for each in (positives, negatives)
    )
    sensitivity = found / np.maximum(found + missed, 1)
    specificity = clear / np.maximum(clear + false, 1)
    share = 1.0 - (found + missed + clear + false) / len(probability)
    worse = np.where(share <= MOST, np.minimum(sensitivity, specificity), -1.0)
    # Above LEVEL all are good enough: then the share decides.
    best = np.lexsort((share.ravel(), -np.minimum(worse, LEVEL).ravel()))[0]
    low, high = np.unravel_index(best, share.shape)
    return Zone(
        float(lows[low]),
        float(highs[high]),
        float(share[low, high]),
        float(sensitivity[low, high]),
        float(specificity[low, high]),
    )


def _candidates(probability: Floats, threshold: float) -> Floats:
    """Ends of zones: the threshold itself, and between neighbours among `probability`."""
    values = np.unique(probability)
    between = (values[1:] + values[:-1]) / 2
    outer = np.array([0.0] if len(values) and values[0] < threshold else [])
    if len(between) > STEPS:
        between = between[np.linspace(0, len(between) - 1, STEPS).astype(np.intp)]
    return np.unique(np.concatenate([outer, between, [threshold]]))
