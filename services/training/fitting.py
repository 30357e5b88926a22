"""What is fitted on calibration images: probabilities, thresholds, zones, limit of strangeness."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.inference.case_coefficients import CaseCoefficients
from services.training.abstain import Zone, fit_zone
from services.training.answering import Answers
from services.training.calibration import Scaling, fit_scaling, scaled_marginals
from services.training.case_fit import fit_cases
from services.training.dataset import Example
from services.training.familiarity import FeatureSpace
from services.training.manifest import LABELS
from services.training.metrics import youden_threshold

Floats = NDArray[np.float64]

STRANGE = 99.0
"""Percentile of calibration images above which an image counts as unlike them."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """All numbers that turn logits and features into an answer."""

    scaling: Scaling
    thresholds: dict[str, float]
    zones: dict[str, Zone]
    case: CaseCoefficients | None
    """How a case follows from its images; None where it is not known whose they are."""
    ood_threshold: float
    ood_reference: dict[str, float]
    """Percentiles of the OOD score on calibration images."""


def fit_answers(
    answers: Answers, examples: Sequence[Example], space: FeatureSpace, patients: Sequence[str] = ()
) -> Fitted:
    """Fit to the answers on calibration images; labels that were not assessed are left out.

    With `patients`, whose each image is, the rule of cases is fitted as well.

    Raises ValueError where an output lacks a class.
    """
    truth = np.stack([example.truth for example in examples])
    positive, assessed = truth == 1, np.isfinite(truth)
    scaling = fit_scaling(answers.logits, positive, assessed)
    probability = scaled_marginals(answers.logits, scaling)
    thresholds, zones = {}, {}
    for column, label in enumerate(LABELS):
        known = assessed[:, column]
        shown, score = positive[known, column], probability[known, column]
        # Largest sensitivity + specificity.
        thresholds[label] = youden_threshold(shown, score)
        zones[label] = fit_zone(shown, score, thresholds[label])
    strangeness = image_scores(space.score(answers.features), answers.owner)
    return Fitted(
        scaling=scaling,
        thresholds=thresholds,
        zones=zones,
        case=fit_cases(patients, probability, truth) if patients else None,
        ood_threshold=float(np.percentile(strangeness, STRANGE)),
        ood_reference={
            f"p{share}": float(np.percentile(strangeness, share)) for share in (50, 95, 99)
        },
    )


def image_scores(scores: Floats, owner: NDArray[np.int64]) -> Floats:
    """The OOD score [N] of images from those of their windows [W]: the median, as in serving."""
    first = np.searchsorted(owner, np.arange(int(owner[-1]) + 2))
    return np.array([np.median(scores[a:b]) for a, b in pairwise(first)])
