"""Where capillary loops and mesangium lie: coarse outlines of the tuft."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.grid import Grid
from services.training.phantom.oval import Oval
from services.training.phantom.texture import Floats, smooth_noise

COARSE_NM = 100.0
"""Step of the grid on which outlines are computed: they are smooth on a far larger scale."""

TERRITORY_NM = 160.0
"""How far a lumen's territory reaches over its own outline, so that it meets the wall."""

FAR_NM = -1e5


@dataclass(frozen=True)
class Lobule:
    """A mesangial stalk and the capillary loops that hang on it."""

    stalk: Oval
    loops: tuple[Oval, ...]


@dataclass(frozen=True)
class Tuft:
    """Two canvases [H, W] in nm: depth inside the tuft and depth inside capillary territory."""

    inside: Floats
    capillary: Floats


def draw_tuft(rng: np.random.Generator, grid: Grid) -> Tuft:
    """Lay out lobules over the field, each of one to four loops round a stalk."""
    lobules = _lay_out(rng, grid)
    coarse = Grid(
        int(np.ceil(grid.extent_nm[0] / COARSE_NM)),
        int(np.ceil(grid.extent_nm[1] / COARSE_NM)),
        COARSE_NM,
    )
    wobble = rng.uniform(60.0, 330.0)
    x = coarse.x + wobble * smooth_noise(rng, coarse.shape, 2200.0 / COARSE_NM)
    y = coarse.y + wobble * smooth_noise(rng, coarse.shape, 2200.0 / COARSE_NM)
    urinary_nm = rng.uniform(*anatomy.BETWEEN_LOBULES_NM)
    septum_nm = rng.uniform(*anatomy.SEPTUM_NM)
    insides, capillaries = [], []
    for lobule in lobules:
        lumens = _apart([oval.depth(x, y) for oval in lobule.loops], septum_nm)
        capillaries.append(lumens)
        # The septum between two loops of a lobule is mesangium, inside the tuft.
        loops = np.max([oval.depth(x, y) for oval in lobule.loops], axis=0)
        insides.append(np.maximum(loops, lobule.stalk.depth(x, y)))
    union = _apart(insides, urinary_nm)
    inside = np.asarray(cv2.GaussianBlur(union, (0, 0), 180.0 / COARSE_NM), np.float32)
    capillary = np.max(capillaries, axis=0) + np.float32(TERRITORY_NM)
    return Tuft(_enlarge(inside, coarse, grid), _enlarge(capillary, coarse, grid))


def _apart(depths: list[Floats], gap_nm: float) -> Floats:
    """The union of several shapes that keep `gap_nm` between them."""
    first = np.full_like(depths[0], FAR_NM)
    second = first.copy()
    for depth in depths:
        np.maximum(second, np.minimum(first, depth), out=second)
        np.maximum(first, depth, out=first)
    halfway = 0.5 * (first - second - np.float32(gap_nm))
    return np.asarray(np.minimum(first, halfway), dtype=np.float32)


def _lay_out(rng: np.random.Generator, grid: Grid) -> list[Lobule]:
    """One lobule whose stalk lies in the field about two times in three, and its neighbours."""
    height, width = grid.extent_nm
    reach = 0.5 if rng.random() < 0.68 else 1.1
    x = width * (0.5 + reach * rng.uniform(-0.75, 0.75))
    y = height * (0.5 + reach * rng.uniform(-0.75, 0.75))
    lobules = [_lobule(rng, x, y, np.arctan2(height / 2 - y, width / 2 - x))]
    apart = rng.uniform(*anatomy.STALKS_APART_NM)
    wanted = 1 + int(rng.poisson(0.5 + width * height / 1e6 / anatomy.LOBULE_UM2))
    for _ in range(6 * wanted):
        if len(lobules) >= wanted:
            break
        x, y = rng.uniform(-3000.0, width + 3000.0), rng.uniform(-3000.0, height + 3000.0)
        if all(np.hypot(x - one.stalk.x, y - one.stalk.y) > apart for one in lobules):
            lobules.append(_lobule(rng, x, y, rng.uniform(0, 2 * np.pi)))
    return lobules


def _lobule(rng: np.random.Generator, x: float, y: float, towards: float) -> Lobule:
    """A lobule whose first loop lies in the direction `towards`, in radians."""
    long, short = rng.uniform(*anatomy.STALK_LONG_NM), rng.uniform(*anatomy.STALK_SHORT_NM)
    stalk = Oval(x, y, long, short, rng.uniform(0, np.pi))
    first = towards + rng.uniform(-0.5, 0.5)
    count = int(rng.integers(1, 5))
    loops = []
    for turn in range(count):
        angle = first + turn * 2 * np.pi / max(count, 2) + rng.uniform(-0.35, 0.35)
        a, b = rng.uniform(*anatomy.LOOP_LONG_NM), rng.uniform(*anatomy.LOOP_SHORT_NM)
        away = a + 0.45 * stalk.b
        loops.append(Oval(x + away * np.cos(angle), y + away * np.sin(angle), a, b, angle))
    return Lobule(stalk, tuple(loops))


def _enlarge(canvas: Floats, coarse: Grid, grid: Grid) -> Floats:
    """Resample a coarse canvas to the pixels of `grid`."""
    ratio = grid.pixel_size_nm / coarse.pixel_size_nm
    offset = coarse.margin - 0.5 + (0.5 - grid.margin) * ratio
    matrix = np.array([[ratio, 0, offset], [0, ratio, offset]], dtype=np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = (grid.shape[1], grid.shape[0])
    enlarged = cv2.warpAffine(canvas, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(enlarged, dtype=np.float32)
