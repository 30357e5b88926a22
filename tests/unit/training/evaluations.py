"""Evaluations without a model, for tests of reports."""

from pathlib import Path
from typing import Any

import numpy as np

from services.inference.manifest import OUTPUTS
from services.training.evaluated import Evaluation
from services.training.manifest import Labels, Record


def make_record(number: int, labels: Labels, **fields: Any) -> Record:
    """A record of its own patient, unless `fields` says otherwise."""
    values: dict[str, Any] = {
        "patient": f"p{number}",
        "case": "",
        "pixel_size_nm": 20.0,
        "mask": None,
    }
    return Record(path=Path(f"{number}.png"), labels=labels, **(values | fields))


def make_evaluation(count: int = 120, seed: int = 0, **fields: Any) -> Evaluation:
    """Two images a patient, half with deposits; calibrated, and three times too sure before."""
    rng = np.random.default_rng(seed)
    presence = np.repeat(rng.random(count // 2) < 0.5, 2)
    locations = (rng.random((count, 4)) < 0.5) & presence[:, None]
    locations[:, 0] |= presence & ~locations.any(axis=1)
    truth = np.concatenate([presence[:, None], locations], axis=1)
    logits = np.where(truth, 1.0, -1.0) + rng.normal(size=truth.shape)
    records = [
        make_record(number, tuple(row.tolist()), patient=f"p{number // 2}")
        for number, row in enumerate(truth.astype(int))
    ]
    values: dict[str, Any] = {
        "name": "test 0.0.1",
        "thresholds": dict.fromkeys(OUTPUTS, 0.5),
        "records": records,
        "probabilities": 1 / (1 + np.exp(-2 * logits)),
        "uncalibrated": 1 / (1 + np.exp(-6 * logits)),
        "hits": np.full((count, 5), np.nan),
        "chances": np.full((count, 5), np.nan),
        "tolerances_nm": np.full(count, np.nan),
        "pixel_sizes_nm": [20.0] * count,
        "draws": 200,
    }
    return Evaluation(**(values | fields))
