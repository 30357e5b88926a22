"""Whether a model looked where the deposit is: its heat map's maximum against the deposit's mask.

The pointing game (Zhang et al., Int J Comput Vis 2018;126:1084): a hit is a
maximum on the deposit or within a tolerance of it. The tolerance is half the
edge of one cell of the map, in the file's pixels: finer than that a map does
not say. Chance is the share of the field's cells that would be hits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inference.preprocessing import Box
from services.training.manifest import LABELS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pointing:
    """How the maps of one image point; NaN for an output without a deposit in the mask."""

    hit: Floats
    """[5], 1 for a hit, 0 for a miss."""
    chance: Floats
    """[5], how probable a hit would be for a maximum anywhere in the field."""
    tolerance: float
    """Pixels of the file."""


def point(maps: NDArray[np.float32], boxes: Sequence[Box], mask: NDArray[np.uint8]) -> Pointing:
    """Compare maps [K, 5, h, w] of windows at `boxes` with a mask [H, W] in the file's pixels.

    Mask values are 0 for none, else 1 + the index of the location; presence counts any of them.
    A maximum in the padding beyond the field is a miss.
    """
    height, width = maps.shape[2:]
    columns = np.concatenate([_centres(box.left, box.width, width, height) for box in boxes])
    rows = np.concatenate([_centres(box.top, box.height, height, width).T for box in boxes])
    x, y = np.floor(columns).astype(int).ravel(), np.floor(rows).astype(int).ravel()
    inside = (x >= 0) & (x < mask.shape[1]) & (y >= 0) & (y < mask.shape[0])
    tolerance = max(boxes[0].width / width, boxes[0].height / height) / 2
    hit, chance = np.full(len(LABELS), np.nan), np.full(len(LABELS), np.nan)
    for output in range(len(LABELS)):
        deposit = mask == output if output else mask > 0
        if not deposit.any():
            continue
        away = cv2.distanceTransform(
            np.asarray(~deposit, np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
        )
        near = np.zeros(len(x), bool)
        near[inside] = away[y[inside], x[inside]] <= tolerance
        hit[output] = near[np.argmax(maps[:, output].ravel())]
        chance[output] = near[inside].mean()
    return Pointing(hit, chance, tolerance)


def _centres(start: float, length: float, count: int, repeats: int) -> Floats:
    """[repeats, count]: the centres of `count` cells side by side, the same in each row."""
    return np.tile(start + (np.arange(count) + 0.5) * length / count, (repeats, 1))
