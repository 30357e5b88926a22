"""The published table: readers and model against the reference, and how they differ.

Each reader is compared with the model on the very images that reader read, in
the same draws of patients: the differences are paired.
"""

from typing import Any

import numpy as np

from services.training.evaluated import Evaluation
from services.training.manifest import LABELS, truth_of
from services.training.metrics import Flags, count_calls, measures_of
from services.training.report.estimates import call_measures, estimate

COMPARED = ("kappa", "ac1", "accuracy")
NOT_READ = (None,) * len(LABELS)


def describe_readers(evaluation: Evaluation) -> dict[str, Any]:
    """By reader and output: agreement with the reference, the model's, and model minus reader.

    Empty where the manifest has no readers.
    """
    names = sorted({name for record in evaluation.records for name in record.readers})
    found = {}
    for name in names:
        read = truth_of([record.readers.get(name, NOT_READ) for record in evaluation.records])
        outputs = {}
        for column, label in enumerate(LABELS):
            both = read.assessed[:, column] & evaluation.truth.assessed[:, column]
            if both.any():
                outputs[label] = _compare(evaluation, column, read.positive[:, column], both)
        found[name] = outputs
    return found


def _compare(evaluation: Evaluation, column: int, read: Flags, both: Flags) -> dict[str, Any]:
    truth, call = evaluation.truth.positive[:, column], evaluation.calls[:, column]
    reader = call_measures(evaluation, truth, read, both)
    model = call_measures(evaluation, truth, call, both)
    by_reader, by_model = count_calls(truth, read), count_calls(truth, call)
    totals = [
        measures_of(evaluation.bootstrap.totals(each * both[:, None]))
        for each in (by_reader, by_model)
    ]
    differences: dict[str, Any] = {}
    for name in COMPARED:
        if reader[name] is None or model[name] is None:
            differences[name] = None
            continue
        value = model[name]["value"] - reader[name]["value"]
        differences[name] = estimate(float(value), np.asarray(totals[1][name] - totals[0][name]))
    return {
        "images": int(both.sum()),
        "reader": {name: reader[name] for name in COMPARED},
        "model": {name: model[name] for name in COMPARED},
        "difference": differences,
    }
