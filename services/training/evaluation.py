"""A report on held-out micrographs: how good, how sure of it, how calibrated."""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.inference.manifest import NOTICE, OutputMetrics
from services.training.answers import Answerer
from services.training.manifest import LABELS, Record
from services.training.metrics import (
    accuracy,
    auc,
    bootstrap_auc,
    expected_calibration_error,
    sensitivity_specificity,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Truth and probabilities of N micrographs."""

    name: str
    thresholds: dict[str, float]
    records: Sequence[Record]
    probabilities: Floats
    """[N, 5] in the order of LABELS."""

    @property
    def truth(self) -> NDArray[np.bool_]:
        """[N, 5]."""
        return np.array([record.labels for record in self.records], dtype=bool)


def evaluate_model(
    answerer: Answerer, records: Sequence[Record], seen: Callable[[int], object]
) -> Evaluation:
    """Classify all files. Raises InvalidImage or OSError for one that cannot be read."""
    answers = []
    for found in answerer.answer(records):
        answers.append(found)
        seen(1)
    return Evaluation(answerer.name, answerer.thresholds, records, np.stack(answers))


def metrics_of(evaluation: Evaluation, draws: int = 2000) -> dict[str, OutputMetrics]:
    """The bundle's metrics; outputs without both classes are left out."""
    patients = [record.patient for record in evaluation.records]
    found = {}
    for column, label in enumerate(LABELS):
        truth, score = evaluation.truth[:, column], evaluation.probabilities[:, column]
        if truth.all() or not truth.any():
            continue
        low, high = bootstrap_auc(truth, score, patients, draws=draws)
        found[label] = OutputMetrics(
            auc=auc(truth, score),
            auc_low=low,
            auc_high=high,
            accuracy=accuracy(truth, score, evaluation.thresholds[label]),
            positives=int(truth.sum()),
            negatives=int((~truth).sum()),
        )
    return found


def report_of(evaluation: Evaluation, metrics: dict[str, OutputMetrics]) -> dict[str, Any]:
    """Everything for evaluation.json."""
    outputs: dict[str, Any] = {}
    for column, label in enumerate(LABELS):
        truth, score = evaluation.truth[:, column], evaluation.probabilities[:, column]
        threshold = evaluation.thresholds[label]
        sensitivity, specificity = sensitivity_specificity(truth, score, threshold)
        known = metrics[label].model_dump() if label in metrics else {}
        outputs[label] = {
            **known,
            "threshold": threshold,
            "sensitivity": _or_none(sensitivity),
            "specificity": _or_none(specificity),
            "brier": float(((score - truth) ** 2).mean()),
            "expected_calibration_error": expected_calibration_error(truth, score),
        }
    return {
        "model": evaluation.name,
        "micrographs": len(evaluation.records),
        "patients": len({record.patient for record in evaluation.records}),
        "interval": "95 %, bootstrap of whole patients",
        "outputs": outputs,
        "notice": NOTICE,
    }


def write_answers(path: Path, evaluation: Evaluation) -> None:
    """A CSV with truth and probability of every micrograph."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["path", "patient", *LABELS, *(f"p_{label}" for label in LABELS)])
        for record, answer in zip(evaluation.records, evaluation.probabilities, strict=True):
            values = [f"{value:.5f}" for value in answer]
            writer.writerow([record.path.name, record.patient, *record.labels, *values])


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
