"""Where capillary loops and mesangium lie: coarse outlines of the tuft."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.training.phantom.grid import Grid
from services.training.phantom.texture import Floats, smooth_noise

COARSE_NM = 75.0
"""Step of the grid on which outlines are computed: they are smooth on a far larger scale."""

TERRITORY_NM = 160.0
"""How far a lumen's territory reaches over its own outline, so that it meets the wall."""


@dataclass(frozen=True)
class Oval:
    """An ellipse in nm."""

    x: float
    y: float
    a: float
    b: float
    angle: float

    def depth(self, x: Floats, y: Floats) -> Floats:
        """Approximate distance to the outline in nm, positive inside."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        u = ((x - self.x) * cos + (y - self.y) * sin) / self.a
        v = ((y - self.y) * cos - (x - self.x) * sin) / self.b
        radius = np.sqrt(u * u + v * v) + 1e-6
        slope = np.sqrt((u / self.a) ** 2 + (v / self.b) ** 2) / radius
        return np.asarray((1.0 - radius) / (slope + 1e-6), dtype=np.float32)


@dataclass(frozen=True)
class Tuft:
    """Two canvases [H, W] in nm: depth inside the tuft and depth inside capillary territory."""

    inside: Floats
    capillary: Floats


def draw_tuft(rng: np.random.Generator, grid: Grid) -> Tuft:
    """Lay out one to three loops round a mesangial stalk, and at times a neighbour."""
    loops, stalks = _layout(rng, grid)
    coarse = Grid(
        int(np.ceil(grid.extent_nm[0] / COARSE_NM)),
        int(np.ceil(grid.extent_nm[1] / COARSE_NM)),
        COARSE_NM,
    )
    wobble = 150.0 + 120.0 * rng.random()
    x = coarse.x + wobble * smooth_noise(rng, coarse.shape, 2200.0 / COARSE_NM)
    y = coarse.y + wobble * smooth_noise(rng, coarse.shape, 2200.0 / COARSE_NM)
    capillary = np.max([oval.depth(x, y) for oval in loops], axis=0)
    everything = [capillary, *(oval.depth(x, y) for oval in stalks)]
    inside = np.max(everything, axis=0)
    inside = cv2.GaussianBlur(inside, (0, 0), 180.0 / COARSE_NM)
    return Tuft(_enlarge(inside, coarse, grid), _enlarge(capillary + TERRITORY_NM, coarse, grid))


def _layout(rng: np.random.Generator, grid: Grid) -> tuple[list[Oval], list[Oval]]:
    """Loops and stalks; the stalk lies in the field about two times in three."""
    height, width = grid.extent_nm
    reach = 0.5 if rng.random() < 0.68 else 1.1
    x = width * (0.5 + reach * rng.uniform(-0.75, 0.75))
    y = height * (0.5 + reach * rng.uniform(-0.75, 0.75))
    stalk = Oval(x, y, rng.uniform(1700, 3400), rng.uniform(1100, 2100), rng.uniform(0, np.pi))
    loops = []
    first = np.arctan2(height / 2 - y, width / 2 - x) + rng.uniform(-0.5, 0.5)
    count = int(rng.integers(1, 4))
    for turn in range(count):
        angle = first + turn * 2 * np.pi / max(count, 2) + rng.uniform(-0.35, 0.35)
        a, b = rng.uniform(2100, 4600), rng.uniform(1500, 3000)
        away = a + 0.45 * stalk.b
        loops.append(Oval(x + away * np.cos(angle), y + away * np.sin(angle), a, b, angle))
    if rng.random() < 0.55:
        loops.append(_neighbour(rng, x, y, width, height))
    return loops, [stalk]


def _neighbour(rng: np.random.Generator, x: float, y: float, width: float, height: float) -> Oval:
    """A loop of another lobule, on the side of the field away from the stalk."""
    angle = np.arctan2(height / 2 - y, width / 2 - x) + rng.uniform(-1.0, 1.0)
    away = 0.5 * np.hypot(width, height) * rng.uniform(0.75, 1.1)
    return Oval(
        width / 2 + away * np.cos(angle),
        height / 2 + away * np.sin(angle),
        rng.uniform(2500, 5000),
        rng.uniform(1800, 3200),
        rng.uniform(0, np.pi),
    )


def _enlarge(canvas: Floats, coarse: Grid, grid: Grid) -> Floats:
    """Resample a coarse canvas to the pixels of `grid`."""
    ratio = grid.pixel_size_nm / coarse.pixel_size_nm
    offset = coarse.margin - 0.5 + (0.5 - grid.margin) * ratio
    matrix = np.array([[ratio, 0, offset], [0, ratio, offset]], dtype=np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = (grid.shape[1], grid.shape[0])
    enlarged = cv2.warpAffine(canvas, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(enlarged, dtype=np.float32)
