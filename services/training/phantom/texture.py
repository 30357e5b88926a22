"""Smooth random fields and soft edges: what every drawn structure is made of."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Labels = NDArray[np.uint8]


def smooth_noise(rng: np.random.Generator, shape: tuple[int, ...], scale_px: float) -> Floats:
    """A random field [H, W] of mean 0 and deviation about 1, smooth over `scale_px` pixels."""
    if scale_px < 1.1:
        return rng.standard_normal((shape[0], shape[1]), dtype=np.float32)
    rows, columns = (int(np.ceil(side / scale_px)) + 4 for side in shape)
    knots = rng.standard_normal((rows, columns), dtype=np.float32)
    size = (round(columns * scale_px), round(rows * scale_px))
    field = cv2.resize(knots, size, interpolation=cv2.INTER_CUBIC)
    # A random phase, so that knots do not lie in step with the field's corner.
    top, left = (round(scale_px * (1.0 + shift)) for shift in rng.uniform(0.0, 1.0, 2))
    # Interpolation between knots of deviation 1 leaves a deviation of about 0.74.
    return np.asarray(field[top : top + shape[0], left : left + shape[1]] * 1.35, dtype=np.float32)


def smooth_walk(rng: np.random.Generator, arc: Floats, scale_nm: float) -> Floats:
    """A random function of arc length [K], mean 0, deviation about 1, smooth over `scale_nm`.

    Outlines that follow each other in `arc` after a jump are drawn independently.
    """
    knot = np.floor(arc / scale_nm).astype(np.int64)
    part = (arc / scale_nm - knot).astype(np.float32)
    part = part * part * (3 - 2 * part)
    near, inverse = np.unique(np.concatenate([knot, knot + 1]), return_inverse=True)
    values = rng.standard_normal(len(near), dtype=np.float32)[inverse]
    lower, upper = values[: len(arc)], values[len(arc) :]
    return np.asarray((lower * (1 - part) + upper * part) * 1.2, dtype=np.float32)


def within(first: Floats, *others: Floats) -> Floats:
    """Depth inside all of several shapes: the smallest of their depths."""
    depth = first
    for other in others:
        depth = np.asarray(np.minimum(depth, other), dtype=np.float32)
    return depth


def cover(distance_nm: Floats, softness_nm: float) -> Floats:
    """Share of a pixel that a structure covers, from the distance to its edge (positive inside)."""
    share = distance_nm * np.float32(1.0 / softness_nm) + np.float32(0.5)
    return np.asarray(np.clip(share, 0.0, 1.0, out=share), dtype=np.float32)


def blend(image: Floats, grey: Floats | float, alpha: Floats) -> None:
    """Lay `grey` over `image` with the coverage `alpha`, in place."""
    image += alpha * (grey - image)
