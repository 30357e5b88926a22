"""Numbers of a report are plain, short JSON."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.training.report.estimates import estimate, rounded, to_json


def test_a_value_has_the_percentiles_of_its_draws() -> None:
    # Given draws from 0 to 1000
    # When they make an interval
    # Then it is their middle 95 %
    assert estimate(500.0, np.arange(1001.0)) == {"value": 500.0, "low": 25.0, "high": 975.0}
    assert estimate(float("nan"), np.arange(10.0)) is None


def test_numbers_are_rounded_and_nan_is_null() -> None:
    # Given numbers as numpy has them
    found = rounded({"a": np.float32(0.123456), "b": [float("nan"), np.int64(3)], "c": np.ones(2)})

    # When they are written
    # Then JSON has them short
    assert found == {"a": 0.1235, "b": [None, 3], "c": [1.0, 1.0]}


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(st.dictionaries(st.text(), TREES))
def test_putting_leaves_on_one_line_changes_nothing(report: dict[str, object]) -> None:
    # Given any report, braces and line ends in its texts included
    # When it is written
    # Then it reads back the same
    assert json.loads(to_json(report)) == report
