"""How far an image lies from the training data: whitened distance of features of all stages.

Measured with a trained network on 134 pictures that are no micrographs (noise of four kinds,
text, scans, gradients, blank frames, stripes, photographs, drawn light microscopy, digits), share
flagged at a threshold that 1 % of drawn held-out micrographs exceed: mean features of the last
stage alone, 32 directions 0.45, 128 directions 0.61; what lies outside of those directions 0.60;
third stage 0.97; all four stages, 64 directions 0.997, 128 directions 1.00, as are nearest
neighbours, which need all training features in the graph. First or second stage alone flag all
pictures as well, and three of four real micrographs with them; all four stages flag none of these.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COMPONENTS = 128
"""Directions kept: those in which the training features vary most."""
IMAGES_PER_COMPONENT = 3
"""So many windows at least for each, or its spread is not known."""
LEAST_COMPONENTS = 8
LEAST_SPREAD = 0.01
"""Of the median channel's: channels that hardly vary in training are not enlarged beyond it."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSpace:
    """Training features, each with deviation 1, then reduced and whitened."""

    mean: Floats
    """[F]."""
    whitening: Floats
    """[F, C]; whitened training features have deviation 1 in each column."""

    def score(self, features: Floats) -> Floats:
        """Distance [N] of features [N, F]: about 1 for training data, larger for what is unlike."""
        whitened = (features - self.mean) @ self.whitening
        return np.asarray(np.sqrt((whitened**2).mean(axis=1)))


def fit_feature_space(features: Floats, components: int = COMPONENTS) -> FeatureSpace:
    """Fit to features [N, F] of training windows. Raises ValueError for too few of them."""
    kept = min(components, features.shape[1], len(features) // IMAGES_PER_COMPONENT)
    if kept < LEAST_COMPONENTS:
        raise ValueError(
            f"{len(features)} training images are too few to tell the unfamiliar by: at least "
            f"{LEAST_COMPONENTS * IMAGES_PER_COMPONENT} are needed"
        )
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.maximum(spread, LEAST_SPREAD * np.median(spread) + 1e-9)
    _, deviations, directions = np.linalg.svd((features - mean) / spread, full_matrices=False)
    deviation = deviations[:kept] / np.sqrt(len(features) - 1) + 1e-9
    return FeatureSpace(mean, directions[:kept].T / deviation / spread[:, None])
