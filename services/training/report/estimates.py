"""Numbers of a report: a value with its interval, rounded, as JSON has them."""

import json
import math
import re
from typing import Any

import numpy as np

from services.training.bootstrap import interval
from services.training.evaluated import Evaluation
from services.training.metrics import (
    AGREEMENTS,
    COUNTS,
    SHARES,
    Flags,
    Floats,
    count_calls,
    measures_of,
    wilson_interval,
)

DIGITS = 4
"""An interval of 860 images is some 0.03 wide; more digits would only look precise."""

Estimate = dict[str, float | None]
"""value, low, high: 95 % by bootstrap of patients, None where too few draws have a value."""

_LEAF = re.compile(r"[\[{][^\[\]{}]*[\]}]")


def estimate(value: float, draws: Floats) -> Estimate | None:
    """`value` with the interval of its `draws`; None where it is undefined."""
    if math.isnan(value):
        return None
    low, high = interval(draws) or (None, None)
    return {"value": value, "low": low, "high": high}


def call_measures(evaluation: Evaluation, truth: Flags, call: Flags, chosen: Flags) -> Any:
    """Counts and measures of the `chosen` [N] images' calls, each with its interval.

    Shares also have a Wilson interval, which takes images as independent.
    """
    each = count_calls(truth, call) * chosen[:, None]
    counts = each.sum(axis=0)
    values, draws = measures_of(counts), measures_of(evaluation.bootstrap.totals(each))
    found: dict[str, Any] = {
        "confusion": dict(zip(COUNTS, counts.astype(int).tolist(), strict=True))
    }
    for name in (*SHARES, *AGREEMENTS):
        found[name] = estimate(float(values[name]), draws[name])
    for name, (right, of) in _fractions(*counts.astype(int).tolist()).items():
        if found[name] is not None:
            found[name]["wilson"] = list(wilson_interval(right, of))
    return found


def _fractions(hit: int, false: int, missed: int, clear: int) -> dict[str, tuple[int, int]]:
    return {
        "accuracy": (hit + clear, hit + false + missed + clear),
        "sensitivity": (hit, hit + missed),
        "specificity": (clear, clear + false),
        "ppv": (hit, hit + false),
        "npv": (clear, clear + missed),
    }


def rounded(value: Any) -> Any:
    """The same with every float rounded and NaN as None, in types that JSON knows."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [rounded(inner) for inner in value]
    if isinstance(value, np.generic):
        return rounded(value.item())
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    return value


def to_json(report: dict[str, Any]) -> str:
    """Indented, with innermost lists and objects on one line: small, and still to be read."""
    text = json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False)
    return _LEAF.sub(lambda leaf: re.sub(r"\n\s*", " ", leaf.group()), text) + "\n"
