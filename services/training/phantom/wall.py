"""The wall's own coordinates: arc length along the outer face of the membrane, and depth."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from services.training.phantom.grid import Grid
from services.training.phantom.texture import Floats

SMOOTH_NM = 130.0
"""How strongly the traced outline is smoothed: pixel steps go, anatomy stays."""

APART_NM = 1e6
"""Arc length between two outlines, so that nothing reaches from one to the other."""


FULL = (slice(None), slice(None))


@dataclass(frozen=True)
class Wall:
    """Outlines as K points, and for each pixel of the canvas its nearest point and depth."""

    points: Floats
    """[K, 2], x and y in nm."""
    normals: Floats
    """[K, 2], unit vectors into the tuft."""
    arc: Floats
    """[K], arc length in nm, with gaps of APART_NM between outlines."""
    nearest: NDArray[np.int32]
    """[H, W], index of the nearest point."""
    depth: Floats
    """[H, W], distance to the outer face in nm, positive inside the tuft."""

    def along(self, function: Floats, window: tuple[slice, slice] = FULL) -> Floats:
        """A function of the outline [K] spread over the canvas, or a window of it [H, W]."""
        return np.asarray(np.take(function.astype(np.float32), self.nearest[window]), np.float32)


def trace_wall(inside: Floats, grid: Grid) -> Wall:
    """Trace the outline `inside` = 0 and measure every pixel against it."""
    mask = (inside > 0).astype(np.uint8)
    mask[:2, :] = mask[-2:, :] = mask[:, :2] = mask[:, -2:] = 0
    mask[2, 2] = 1  # so that there always is an outline; it lies in the margin
    outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    traced = [_smooth(np.asarray(outline[:, 0, :], np.int32), grid) for outline in outlines]
    points = np.concatenate([part[0] for part in traced])
    normals = np.concatenate([part[1] for part in traced])
    arcs = [part[2] + number * APART_NM for number, part in enumerate(traced)]
    nearest = _nearest(points, grid)
    offset_x = grid.x - np.take(points[:, 0], nearest)
    offset_y = grid.y - np.take(points[:, 1], nearest)
    depth = offset_x * np.take(normals[:, 0], nearest) + offset_y * np.take(normals[:, 1], nearest)
    length = np.hypot(offset_x, offset_y)
    # Near the smoothed outline its normal decides the side, far away the traced mask does.
    side = np.where(length < 3 * SMOOTH_NM, depth >= 0, mask > 0)
    depth = np.where(side, length, -length)
    return Wall(points, normals, np.concatenate(arcs), nearest, depth.astype(np.float32))


def _smooth(outline: NDArray[np.int32], grid: Grid) -> tuple[Floats, Floats, Floats]:
    """Points, inward normals and arc length of one outline of pixel positions [K, 2]."""
    dense = np.repeat(outline.astype(np.float32), 2, axis=0)
    sigma = 2 * SMOOTH_NM / grid.pixel_size_nm
    points = gaussian_filter1d(dense, sigma, axis=0, mode="wrap")
    points = (points + np.float32(0.5 - grid.margin)) * np.float32(grid.pixel_size_nm)
    tangent = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    tangent = gaussian_filter1d(tangent, sigma / 2, axis=0, mode="wrap")
    length = np.hypot(tangent[:, 0], tangent[:, 1])[:, None] + 1e-6
    # OpenCV walks outer outlines with the foreground on the left of (x, y-down).
    normals = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1) / length
    steps = np.hypot(*np.diff(points, axis=0, append=points[:1]).T)
    arc = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    return points.astype(np.float32), normals.astype(np.float32), arc.astype(np.float32)


def _nearest(points: Floats, grid: Grid) -> NDArray[np.int32]:
    """Index of the point nearest to each pixel."""
    column = np.rint(points[:, 0] / grid.pixel_size_nm + grid.margin - 0.5).astype(int)
    row = np.rint(points[:, 1] / grid.pixel_size_nm + grid.margin - 0.5).astype(int)
    row, column = np.clip(row, 0, grid.shape[0] - 1), np.clip(column, 0, grid.shape[1] - 1)
    source = np.ones(grid.shape, np.uint8)
    source[row, column] = 0
    _, labels = cv2.distanceTransformWithLabels(
        source, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    index = np.zeros(int(labels.max()) + 1, np.int32)
    index[labels[row, column]] = np.arange(len(points), dtype=np.int32)
    return np.asarray(index[labels], dtype=np.int32)
