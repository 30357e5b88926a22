"""Smooth random fields and soft edges: what every drawn structure is made of."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], scale_px: float) -> Floats:
    """A random field [H, W] of mean 0 and deviation about 1, smooth over `scale_px` pixels."""
    scale = max(scale_px, 1.0)
    rows, columns = (int(np.ceil(side / scale)) + 4 for side in shape)
    grid = rng.standard_normal((rows, columns), dtype=np.float32)
    shift = rng.uniform(0.0, 1.0, 2)
    matrix = np.array([[1 / scale, 0.0, 1 + shift[0]], [0.0, 1 / scale, 1 + shift[1]]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    field = cv2.warpAffine(grid, matrix, (shape[1], shape[0]), flags=flags)
    return np.asarray(field * 1.35, dtype=np.float32)


def smooth_walk(rng: np.random.Generator, arc: Floats, scale_nm: float) -> Floats:
    """A random function of arc length [K], mean 0, deviation about 1, smooth over `scale_nm`."""
    first, last = float(arc.min()), float(arc.max())
    knots = int((last - first) / scale_nm) + 3
    values = rng.standard_normal(knots)
    position = (arc - first) / scale_nm
    lower = np.clip(position.astype(int), 0, knots - 2)
    part = position - lower
    part = part * part * (3 - 2 * part)
    walk = values[lower] * (1 - part) + values[lower + 1] * part
    return np.asarray(walk * 1.2, dtype=np.float32)


def within(first: Floats, *others: Floats) -> Floats:
    """Depth inside all of several shapes: the smallest of their depths."""
    depth = first
    for other in others:
        depth = np.asarray(np.minimum(depth, other), dtype=np.float32)
    return depth


def cover(distance_nm: Floats, softness_nm: float) -> Floats:
    """Share of a pixel that a structure covers, from the distance to its edge (positive inside)."""
    return np.asarray(np.clip(0.5 + distance_nm / softness_nm, 0.0, 1.0), dtype=np.float32)


def blend(image: Floats, grey: Floats | float, alpha: Floats) -> None:
    """Lay `grey` over `image` with the coverage `alpha`, in place."""
    image += alpha * (grey - image)
