"""In which order an epoch goes through the images, and which of them more often than others."""

import numpy as np
from numpy.typing import NDArray

MOST = 4.0
"""No image is drawn more than so many times as often as the commonest kind."""


def draw_rates(truth: NDArray[np.float64], wanted: float) -> NDArray[np.float64]:
    """How often each of N images is drawn, relative to the commonest; `truth` is [N, 5] with NaN.

    Repeat-factor sampling (Gupta, Dollár, Girshick, LVIS, CVPR 2019): a class
    of frequency f below `wanted` makes its images sqrt(wanted / f) times as
    likely; an image takes the largest factor of its classes. Classes are the
    findings, and "no deposit". A weight in the loss would not do: what a crop
    shows follows from its mask, not from the image's labels.
    """
    classes = np.column_stack([truth == 1, truth[:, 0] == 0])
    frequency = classes.mean(axis=0)
    factors = np.sqrt(wanted / np.maximum(frequency, 1.0 / len(truth)))
    each = np.where(classes, np.clip(factors, 1.0, MOST), 1.0).max(axis=1)
    return np.asarray(each, np.float64)


def draw_order(rng: np.random.Generator, rates: NDArray[np.float64]) -> NDArray[np.int64]:
    """N indices in random order, each as often as its rate says, rounded up or down.

    With equal rates, every image once.
    """
    ends = np.cumsum(rates) * (len(rates) / rates.sum())
    # Systematic sampling: one random shift for all, hence no image far from its share.
    marks = np.arange(len(rates)) + rng.random()
    chosen = np.minimum(np.searchsorted(ends, marks, side="right"), len(rates) - 1)
    return np.asarray(rng.permutation(chosen), np.int64)
