"""The same model on parts of the images: by microscope, pixel size, disease, artefact and format.

Draws of patients are those of the whole: an interval of a part also carries
how many of its patients a draw happens to hold.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from services.training.evaluated import Evaluation
from services.training.manifest import LABELS
from services.training.metrics import Flags, auc
from services.training.report.estimates import call_measures, estimate

PIXEL_SIZES_NM = (10.0, 15.0, 20.0, 30.0)
"""Edges of the bins: nominal magnifications of 4,000 to 8,000 are 5 to 30 nm on the cameras whose
scale is known."""
MOST_LEVELS = 20
"""Parts shown by factor; the smaller ones share one line."""
UNKNOWN, NONE, OTHERS = "not stated", "none", "others"


def describe_strata(evaluation: Evaluation) -> dict[str, list[dict[str, Any]]]:
    """By factor the parts, largest first. A factor nobody stated is left out."""
    found = {}
    for factor, levels in _levels(evaluation).items():
        if all(names == (UNKNOWN,) for names in levels):
            continue
        found[factor] = [
            {"level": level, **_describe(evaluation, inside)} for level, inside in _parts(levels)
        ]
    return found


def _levels(evaluation: Evaluation) -> dict[str, list[tuple[str, ...]]]:
    """For each factor the parts that each image belongs to; several only for artefacts."""
    records = evaluation.records
    listed = any(record.artefacts for record in records)
    without = (NONE,) if listed else (UNKNOWN,)
    return {
        "microscope": [(record.microscope or UNKNOWN,) for record in records],
        "pixel size": [(_pixel_bin(size),) for size in evaluation.pixel_sizes_nm],
        "disease": [(record.disease or UNKNOWN,) for record in records],
        "artefact": [record.artefacts or without for record in records],
        "format": [(record.format or UNKNOWN,) for record in records],
    }


def _pixel_bin(size: float | None) -> str:
    if size is None:
        return UNKNOWN
    above = [edge for edge in PIXEL_SIZES_NM if size >= edge]
    below = [edge for edge in PIXEL_SIZES_NM if size < edge]
    if not above:
        return f"below {below[0]:g} nm"
    return f"{above[-1]:g} to {below[0]:g} nm" if below else f"{above[-1]:g} nm and more"


def _parts(levels: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, Flags]]:
    names, counts = np.unique([name for each in levels for name in each], return_counts=True)
    ranked = [str(name) for name in names[np.argsort(-counts, kind="stable")]]
    shown, rest = ranked[:MOST_LEVELS], set(ranked[MOST_LEVELS:])
    for level in shown:
        yield level, np.array([level in each for each in levels])
    if rest:
        yield OTHERS, np.array([bool(rest.intersection(each)) for each in levels])


def _describe(evaluation: Evaluation, inside: Flags) -> dict[str, Any]:
    patients = {
        record.patient for record, chosen in zip(evaluation.records, inside, strict=True) if chosen
    }
    return {
        "micrographs": int(inside.sum()),
        "patients": len(patients),
        "outputs": {
            label: _output(evaluation, column, inside) for column, label in enumerate(LABELS)
        },
    }


def _output(evaluation: Evaluation, column: int, inside: Flags) -> dict[str, Any]:
    chosen = evaluation.truth.assessed[:, column] & inside
    truth, score = evaluation.truth.positive[:, column], evaluation.probabilities[:, column]
    calls = call_measures(evaluation, truth, evaluation.calls[:, column], chosen)
    area = auc(truth[chosen], score[chosen])
    draws = evaluation.bootstrap.aucs(truth, score, chosen) if not np.isnan(area) else np.empty(0)
    return {
        "assessed": int(chosen.sum()),
        "positives": int(truth[chosen].sum()),
        "auc": estimate(area, draws),
        **{
            name: calls[name] and {key: calls[name][key] for key in ("value", "low", "high")}
            for name in ("accuracy", "sensitivity", "specificity")
        },
    }
