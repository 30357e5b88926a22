"""A heat map points at a deposit, beside it, or into the padding."""

import numpy as np
import pytest

from services.inference.preprocessing import Box
from services.training.heat_maps import point

WHOLE = Box(0.0, 0.0, 100.0, 100.0)


def maps_with_peak(row: int, column: int, output: int = 2, size: int = 5) -> np.ndarray:
    maps = np.zeros((1, 5, size, size), np.float32)
    maps[0, output, row, column] = 1.0
    return maps


def mask_with_deposit(value: int, rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros((100, 100), np.uint8)
    mask[rows, columns] = value
    return mask


@pytest.mark.parametrize(
    ("row", "column", "hit"), [(1, 2, 1.0), (2, 2, 1.0), (3, 2, 0.0), (2, 1, 0.0)]
)
def test_a_hit_is_within_half_a_cell_of_the_deposit(row: int, column: int, hit: float) -> None:
    # Given cells of 20 pixels, and a subepithelial deposit from row 30 to 40 in the middle column
    mask = mask_with_deposit(2, slice(30, 41), slice(48, 53))

    # When the map's maximum is in a cell whose centre is in row 30 or 50, or further off
    found = point(maps_with_peak(row, column), [WHOLE], mask)

    # Then the cell of the deposit and the one 10 pixels below hit, others miss
    assert found.tolerance == 10.0
    assert found.hit[2] == hit
    assert found.chance[2] == pytest.approx(2 / 25)


def test_outputs_without_a_deposit_in_the_mask_are_not_judged() -> None:
    # Given a mask with one location
    mask = mask_with_deposit(4, slice(0, 30), slice(0, 30))

    # When maps are compared
    found = point(maps_with_peak(0, 0, output=4), [WHOLE], mask)

    # Then only this location and presence have an answer
    assert np.isnan(found.hit).tolist() == [False, True, True, True, False]
    assert found.hit[4] == 1.0


def test_the_maximum_over_all_windows_counts_where_its_window_lies() -> None:
    # Given two windows side by side, the deposit in the right one
    mask = mask_with_deposit(1, slice(0, 20), slice(50, 70))
    boxes = [Box(0.0, 0.0, 50.0, 50.0), Box(50.0, 0.0, 50.0, 50.0)]
    maps = np.zeros((2, 5, 5, 5), np.float32)
    maps[0, 1, 0, 0] = 0.5
    maps[1, 1, 1, 1] = 0.7

    # When the right window has the larger maximum
    # Then it is found there
    assert point(maps, boxes, mask).hit[1] == 1.0


def test_a_maximum_in_the_padding_is_a_miss_and_padding_is_no_chance() -> None:
    # Given a window whose upper half lies beyond the field, and deposits all over the field
    mask = np.full((50, 100), 3, np.uint8)
    padded = Box(0.0, -50.0, 100.0, 100.0)

    # When the map's maximum lies in the padding
    found = point(maps_with_peak(0, 2, output=3), [padded], mask)

    # Then that is a miss, though every place of the field is a hit
    assert found.hit[3] == 0.0
    assert found.chance[3] == 1.0
