"""How often the heat map's maximum lies on the deposit, and how often it would by chance."""

from typing import Any

import numpy as np

from services.training.evaluated import Evaluation
from services.training.manifest import LABELS
from services.training.report.estimates import estimate


def describe_pointing(evaluation: Evaluation) -> dict[str, Any] | None:
    """Hit rates over images whose label and mask show the deposit; None without masks."""
    looked = ~np.isnan(evaluation.hits) & evaluation.truth.positive
    if not looked.any():
        return None
    outputs = {}
    for column, label in enumerate(LABELS):
        chosen = looked[:, column]
        if not chosen.any():
            continue
        hits = np.where(chosen, evaluation.hits[:, column], 0.0)
        totals = evaluation.bootstrap.totals(np.stack([hits, chosen.astype(np.float64)], axis=1))
        with np.errstate(invalid="ignore"):
            draws = totals[:, 0] / totals[:, 1]
        outputs[label] = {
            "images": int(chosen.sum()),
            "hit_rate": estimate(float(hits[chosen].mean()), draws),
            "chance": float(evaluation.chances[chosen, column].mean()),
        }
    tolerances = evaluation.tolerances_nm[~np.isnan(evaluation.tolerances_nm)]
    return {
        "tolerance_nm": float(np.median(tolerances)) if len(tolerances) else None,
        "outputs": outputs,
    }
