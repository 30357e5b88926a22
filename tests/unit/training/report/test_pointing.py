"""Hit rates are of images whose label and mask show the deposit."""

import numpy as np
import pytest

from services.training.report.pointing import describe_pointing
from tests.unit.training.evaluations import make_evaluation


def test_hits_count_where_label_and_mask_show_the_deposit() -> None:
    # Given misses in every fourth positive image, and hits where the label says no
    plain = make_evaluation()
    positive = plain.truth.positive[:, 2]
    hits = np.full((120, 5), np.nan)
    hits[:, 2] = 1.0
    hits[np.flatnonzero(positive)[::4], 2] = 0.0
    tolerances = np.where(np.arange(120) < 60, 700.0, np.nan)

    # When they are described
    found = describe_pointing(
        make_evaluation(hits=hits, chances=hits * 0.0 + 0.1, tolerances_nm=tolerances)
    )

    # Then the rate is of the positive ones alone, beside chance
    assert found is not None
    rate = found["outputs"]["subepithelial"]
    assert list(found["outputs"]) == ["subepithelial"]
    assert rate["images"] == positive.sum()
    expected = 1.0 - len(np.flatnonzero(positive)[::4]) / positive.sum()
    assert rate["hit_rate"]["value"] == pytest.approx(expected)
    assert rate["hit_rate"]["low"] < expected < rate["hit_rate"]["high"]
    assert rate["chance"] == pytest.approx(0.1)
    assert found["tolerance_nm"] == 700.0


def test_without_masks_there_is_no_section() -> None:
    # Given no hit or miss at all
    # When they are described
    # Then there is nothing
    assert describe_pointing(make_evaluation()) is None
