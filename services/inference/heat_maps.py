"""Heat maps: the model's activation maps of all windows, as one grid over the field."""

import base64
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.common.classification import HeatMap
from services.inference.manifest import OUTPUTS
from services.inference.preprocessing import Box

MOST_CELLS = 64
"""Cells along a side at most: a map has 4 KiB at most, whatever the field."""


def field_maps(
    maps: NDArray[np.float32],
    boxes: Sequence[Box],
    width: int,
    height: int,
    wanted: Sequence[str],
) -> tuple[HeatMap, ...]:
    """Grids over a field of `width` x `height` pixels of the file, one for each wanted output.

    `maps` is [K, 5, h, w], `boxes` says where the K windows lie. A cell is as
    large as the model's, or larger where there would be more than MOST_CELLS
    along a side. It is the maximum over the windows that cover its centre.
    """
    columns = _cells(width, boxes[0].width / maps.shape[3])
    rows = _cells(height, boxes[0].height / maps.shape[2])
    across = (np.arange(columns) + 0.5) * (width / columns)
    down = (np.arange(rows) + 0.5) * (height / rows)
    grid = np.full((len(OUTPUTS), rows, columns), -np.inf, np.float32)
    for window, box in zip(maps, boxes, strict=True):
        x, own_x = _inside(across, box.left, box.width, maps.shape[3])
        y, own_y = _inside(down, box.top, box.height, maps.shape[2])
        place = np.ix_(np.arange(len(OUTPUTS)), y, x)
        own = window[np.ix_(np.arange(len(OUTPUTS)), own_y, own_x)]
        grid[place] = np.maximum(grid[place], own)
    return tuple(
        _heat_map(output, grid[index]) for index, output in enumerate(OUTPUTS) if output in wanted
    )


def _cells(side: int, cell: float) -> int:
    return max(1, min(MOST_CELLS, math.ceil(side / cell - 1e-6)))


def _inside(
    centres: NDArray[np.floating], start: float, length: float, cells: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which centres lie in a window along one side, and in which of its cells."""
    inside = np.flatnonzero((centres >= start) & (centres < start + length))
    own = ((centres[inside] - start) * (cells / length)).astype(np.int64)
    return inside, np.minimum(own, cells - 1)


def _heat_map(output: str, grid: NDArray[np.float32]) -> HeatMap:
    known = grid[np.isfinite(grid)]
    lowest, highest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    span = highest - lowest
    scaled = np.clip((grid - lowest) * (255 / span) if span > 0 else grid * 0, 0, 255)
    values = np.rint(np.nan_to_num(scaled)).astype(np.uint8).tobytes()
    return HeatMap(
        output, grid.shape[0], grid.shape[1], base64.b64encode(values).decode(), lowest, highest
    )
