"""One output of the model: discrimination, calls, calibration and curves."""

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve

from services.training.evaluated import Evaluation
from services.training.manifest import LABELS
from services.training.metrics import (
    Flags,
    Floats,
    brier,
    equal_mass_bins,
    expected_calibration_error,
    wilson_interval,
)
from services.training.report.estimates import Estimate, call_measures, estimate

MOST_POINTS = 80
"""Points of a curve that a report keeps."""
SIMULATIONS = 400
SEED = 0


def describe_output(evaluation: Evaluation, column: int, auc: Estimate | None) -> dict[str, Any]:
    """Everything about one output, on the images it was assessed in."""
    known = evaluation.truth.assessed[:, column]
    truth, score = evaluation.truth.positive[:, column], evaluation.probabilities[:, column]
    found = {
        "assessed": int(known.sum()),
        "positives": int(truth[known].sum()),
        "negatives": int((~truth[known]).sum()),
        "threshold": evaluation.thresholds[LABELS[column]],
        "auc": auc,
        **call_measures(evaluation, truth, evaluation.calls[:, column], known),
    }
    if auc is not None:
        found |= _curves(truth[known], score[known])
    if known.any():
        before = evaluation.uncalibrated
        found["calibration"] = {
            "after": describe_calibration(evaluation, truth, score, known),
            "before": None
            if before is None
            else describe_calibration(evaluation, truth, before[:, column], known),
        }
    return found


def describe_calibration(
    evaluation: Evaluation, truth: Flags, score: Floats, known: Flags
) -> dict[str, Any]:
    """ECE with what chance alone would give, Brier score, and the reliability curve's bins."""
    hits, claimed = truth[known], score[known]
    squares = np.stack([(score - truth) ** 2 * known, known], axis=1).astype(np.float64)
    totals = evaluation.bootstrap.totals(squares)
    with np.errstate(invalid="ignore"):
        draws = totals[:, 0] / totals[:, 1]
    bins = equal_mass_bins(claimed)
    wilson = [wilson_interval(int(hits[group].sum()), len(group)) for group in bins]
    return {
        "ece": expected_calibration_error(hits, claimed),
        "ece_by_chance": _chance_error(claimed),
        "brier": estimate(brier(hits, claimed), draws),
        "bins": {
            "images": [len(group) for group in bins],
            "probability": [claimed[group].mean() for group in bins],
            "frequency": [hits[group].mean() for group in bins],
            "low": [low for low, _ in wilson],
            "high": [high for _, high in wilson],
        },
    }


def _chance_error(score: Floats) -> float:
    """Mean ECE where every probability is exactly right, by simulation.

    The same idea as the consistency bars of Bröcker & Smith, Weather Forecast 2007;22:651.
    """
    rng = np.random.default_rng(SEED)
    errors = [
        expected_calibration_error(rng.random(len(score)) < score, score)
        for _ in range(SIMULATIONS)
    ]
    return float(np.mean(errors))


def _curves(truth: Flags, score: Floats) -> dict[str, Any]:
    false_rate, true_rate, _ = roc_curve(truth, score)
    precision, recall, _ = precision_recall_curve(truth, score)
    keep, keep_too = _thinned(len(false_rate)), _thinned(len(precision))
    return {
        "average_precision": float(average_precision_score(truth, score)),
        "roc": {"false_positive_rate": false_rate[keep], "sensitivity": true_rate[keep]},
        "precision_recall": {"recall": recall[keep_too], "precision": precision[keep_too]},
    }


def _thinned(points: int) -> Any:
    return np.unique(np.linspace(0, points - 1, min(points, MOST_POINTS)).round().astype(int))
