"""Activation maps of windows as one grid over the field."""

import base64

import numpy as np
import pytest

from services.common.classification import HeatMap
from services.inference.heat_maps import MOST_CELLS, field_maps
from services.inference.manifest import OUTPUTS
from services.inference.preprocessing import Box


def grid(heat_map: HeatMap) -> np.ndarray:
    values = np.frombuffer(base64.b64decode(heat_map.values), np.uint8)
    return values.reshape(heat_map.rows, heat_map.columns)


def test_two_windows_become_one_grid_with_the_larger_value_where_they_overlap() -> None:
    # Given
    maps = np.zeros((2, 5, 2, 2), np.float32)
    maps[0, 1] = [[0, 1], [2, 3]]
    maps[1, 1] = [[5, 0], [0, 10]]
    boxes = [Box(0, 0, 20, 20), Box(10, 0, 20, 20)]

    # When
    (made,) = field_maps(maps, boxes, 30, 20, ("mesangial",))

    # Then
    assert (made.output, made.lowest, made.highest) == ("mesangial", 0.0, 10.0)
    assert grid(made).tolist() == [[0, 128, 0], [51, 76, 255]]


def test_a_window_that_reaches_beyond_the_field_shows_what_lies_in_it() -> None:
    # Given
    maps = np.zeros((1, 5, 4, 4), np.float32)
    maps[0, 0, 1:3] = [[1, 2, 3, 4], [5, 6, 7, 8]]

    # When
    (made,) = field_maps(maps, [Box(0, -10, 40, 40)], 40, 20, ("presence",))

    # Then
    assert (made.rows, made.columns, made.lowest, made.highest) == (2, 4, 1.0, 8.0)


def test_a_map_has_four_kibibytes_at_most_and_a_flat_one_is_dark() -> None:
    # Given
    boxes = [Box(i % 8 * 100, i // 8 * 100, 100, 100) for i in range(64)]

    # When
    made = field_maps(np.ones((64, 5, 14, 14), np.float32), boxes, 800, 800, OUTPUTS)

    # Then
    assert [one.output for one in made] == list(OUTPUTS)
    assert {grid(one).shape for one in made} == {(MOST_CELLS, MOST_CELLS)}
    assert all(grid(one).max() == 0 and one.lowest == pytest.approx(1) for one in made)
