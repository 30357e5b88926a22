"""How far an image lies from the training data: whitened distance of the trunk's features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COMPONENTS = 32
"""Directions kept: those in which the training features vary most."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSpace:
    """Training features reduced and whitened."""

    mean: Floats
    """[F]."""
    whitening: Floats
    """[F, C]; whitened training features have deviation 1 in each column."""

    def score(self, features: Floats) -> Floats:
        """Distance [N] of features [N, F]: about 1 for training data, larger for what is unlike."""
        whitened = (features - self.mean) @ self.whitening
        return np.asarray(np.sqrt((whitened**2).mean(axis=1)))


def fit_feature_space(features: Floats, components: int = COMPONENTS) -> FeatureSpace:
    """Fit to features [N, F] of training images. Raises ValueError for too few images."""
    kept = min(components, features.shape[1])
    if len(features) <= kept:
        raise ValueError(f"{len(features)} images are too few for {kept} feature directions")
    mean = features.mean(axis=0)
    _, deviations, directions = np.linalg.svd(features - mean, full_matrices=False)
    spread = deviations[:kept] / np.sqrt(len(features) - 1) + 1e-9
    return FeatureSpace(mean, directions[:kept].T / spread)
