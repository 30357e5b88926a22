"""A report on held-out micrographs: how good, how sure of it, how calibrated."""

import csv
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from services.common.classification import NOTICE
from services.inference.manifest import OutputMetrics
from services.training.answers import Answer, Answerer
from services.training.bootstrap import DRAWS, interval
from services.training.dataset import read_mask
from services.training.evaluated import Evaluation
from services.training.heat_maps import point
from services.training.manifest import LABELS, ORIGINS, Record
from services.training.metrics import auc
from services.training.report.estimates import Estimate, rounded
from services.training.report.outputs import describe_output
from services.training.report.pointing import describe_pointing
from services.training.report.published import describe_published
from services.training.report.readers import describe_readers
from services.training.report.strata import UNKNOWN, describe_strata

FORMAT = 1
"""Of the report's JSON; another number where a field changes its meaning."""


def evaluate_model(
    answerer: Answerer,
    records: Sequence[Record],
    seen: Callable[[int], object],
    draws: int = DRAWS,
) -> Evaluation:
    """Classify all files. Raises InvalidImage or OSError for one that cannot be read."""
    answers, pointed = [], []
    for record, answer in zip(records, answerer.answer(records), strict=True):
        answers.append((answer.probabilities, answer.uncalibrated, answer.pixel_size_nm))
        pointed.append(_point(record, answer))
        seen(1)
    probabilities, uncalibrated, sizes = zip(*answers, strict=True)
    known = [each for each in uncalibrated if each is not None]
    hits, chances, tolerances = zip(*pointed, strict=True)
    return Evaluation(
        name=answerer.name,
        thresholds=answerer.thresholds,
        records=records,
        probabilities=np.stack(probabilities),
        uncalibrated=np.stack(known) if len(known) == len(records) else None,
        hits=np.stack(hits),
        chances=np.stack(chances),
        tolerances_nm=np.array(tolerances),
        pixel_sizes_nm=sizes,
        about=answerer.about,
        draws=draws,
    )


def metrics_of(evaluation: Evaluation) -> dict[str, OutputMetrics]:
    """The bundle's metrics; outputs without both classes are left out.

    The interval of an AUC is 0 to 1 where too few draws have one: nothing is known of it.
    """
    found = {}
    for column, label in enumerate(LABELS):
        known = evaluation.truth.assessed[:, column]
        truth, score = evaluation.truth.positive[:, column], evaluation.probabilities[:, column]
        area = auc(truth[known], score[known])
        if math.isnan(area):
            continue
        low, high = interval(evaluation.bootstrap.aucs(truth, score, known)) or (0.0, 1.0)
        found[label] = OutputMetrics(
            auc=area,
            auc_low=low,
            auc_high=high,
            accuracy=float((evaluation.calls[:, column] == truth)[known].mean()),
            positives=int(truth[known].sum()),
            negatives=int((~truth[known]).sum()),
        )
    return found


def report_of(evaluation: Evaluation, metrics: dict[str, OutputMetrics]) -> dict[str, Any]:
    """Everything for evaluation.json. AUCs are those of `metrics`, so that both say the same."""
    records = evaluation.records
    stated = Counter(record.origin or UNKNOWN for record in records)
    origins = {name: stated[name] for name in (*ORIGINS, UNKNOWN)}
    report = {
        "format": FORMAT,
        "notice": NOTICE,
        "model": evaluation.name,
        **evaluation.about,
        "micrographs": len(records),
        "patients": len({record.patient for record in records}),
        "origins": origins,
        "interval": f"95 %, percentiles of {evaluation.draws} bootstrap draws of whole patients",
        "outputs": {
            label: describe_output(evaluation, column, _auc(metrics.get(label)))
            for column, label in enumerate(LABELS)
        },
        "published": describe_published(origins),
        "heat_maps": describe_pointing(evaluation),
        "readers": describe_readers(evaluation),
        "strata": describe_strata(evaluation),
    }
    found: dict[str, Any] = rounded(report)
    return found


def write_answers(path: Path, evaluation: Evaluation) -> None:
    """A CSV with truth and probability of every micrograph; truth is blank where not assessed."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["path", "patient", "case", *LABELS, *(f"p_{label}" for label in LABELS)])
        for record, answer in zip(evaluation.records, evaluation.probabilities, strict=True):
            values = [f"{value:.5f}" for value in answer]
            writer.writerow([record.path, record.patient, record.case, *record.labels, *values])


def _point(record: Record, answer: Answer) -> tuple[Any, Any, float]:
    """Hits, chances and tolerance in nm of one micrograph; NaN without a mask."""
    nothing = np.full(len(LABELS), np.nan)
    if record.mask is None:
        return nothing, nothing, math.nan
    pointing = point(answer.maps, answer.boxes, read_mask(record))
    size = answer.pixel_size_nm or math.nan
    return pointing.hit, pointing.chance, pointing.tolerance * size


def _auc(metrics: OutputMetrics | None) -> Estimate | None:
    if metrics is None:
        return None
    return {"value": metrics.auc, "low": metrics.auc_low, "high": metrics.auc_high}
