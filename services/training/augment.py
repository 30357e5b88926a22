"""Changes of a training image that leave its truth: what microscopes and operators vary.

Evaluation never comes here; it uses the preprocessing that serves.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inference.grey import standardise
from services.training.dataset import Example
from services.training.degrade import degrade
from services.training.phantom.field import visible_locations

SCALE = 0.15
"""Largest relative change of the scale."""
MAP_STRIDE, MAP_PIXELS = 32, 12
"""Pixels of the image per place of the network's maps; deposit pixels that make it positive."""
DETAIL_STRIDE, DETAIL_PIXELS = 8, 16
"""The same for the finer maps of an early layer, which only training looks at."""
AIMED = 0.6
"""Share of crops of a micrograph with deposits that are made to show one."""
SHRUNK, LABELLED, BENT = 0.12, 0.08, 0.3
"""Shares of crops with an empty border, with a label box over them, and bent."""
BEND, BEND_KNOTS = 2.5, 4
"""Largest bend in pixels, at so many knots per side."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One augmented crop."""

    image: NDArray[np.uint8]
    """[S, S]."""
    labels: NDArray[np.float32]
    """[5], of what the crop shows where there is a mask, else of the whole image; NaN where
    not assessed."""
    places: NDArray[np.float32]
    """[5, S/32, S/32]: presence and locations by place, -1 where unknown."""
    details: NDArray[np.float32]
    """[5, S/8, S/8]: the same, finer."""


def draw_view(rng: np.random.Generator, example: Example, size: int, pixel_size_nm: float) -> View:
    """A random crop of `size` pixels of an example, in random orientation, scale and contrast."""
    scale = float(np.exp(rng.uniform(np.log(1 - SCALE), np.log(1 + SCALE))))
    sources = _sources(rng, _placement(rng, example, size, scale), size)
    field = standardise(example.image)
    grey = float(np.median(field))
    placed = cv2.remap(field, *sources, cv2.INTER_LINEAR, borderValue=grey)
    turns, flip = int(rng.integers(4)), bool(rng.random() < 0.5)
    image = _orient(np.asarray(placed, np.uint8), turns, flip)
    mask = None
    if example.mask is not None:
        moved = cv2.remap(example.mask, *sources, cv2.INTER_NEAREST, borderValue=0)
        mask = _orient(np.asarray(moved, np.uint8), turns, flip)
    if mask is not None and rng.random() < SHRUNK:
        _shrink_field(rng, image, mask, grey)
    image = degrade(rng, image)
    if rng.random() < LABELLED:
        _put_label(rng, image, mask)
    truth = _truth(example, mask, pixel_size_nm / scale)
    return View(
        image,
        truth,
        _places(mask, truth, size, (MAP_STRIDE, MAP_PIXELS)),
        _places(mask, truth, size, (DETAIL_STRIDE, DETAIL_PIXELS)),
    )


def _sources(
    rng: np.random.Generator, matrix: NDArray[np.float32], size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where in the example each pixel of the crop comes from: columns and rows, [S, S] each.

    Sometimes bent a little and smoothly, as sections are when they are cut.
    """
    steps = np.arange(size, dtype=np.float32)
    columns = np.broadcast_to((steps - matrix[0, 2]) / matrix[0, 0], (size, size)).copy()
    rows = np.broadcast_to(((steps - matrix[1, 2]) / matrix[1, 1])[:, None], (size, size)).copy()
    if rng.random() < BENT:
        for target in (columns, rows):
            knots = rng.uniform(-BEND, BEND, (BEND_KNOTS, BEND_KNOTS)).astype(np.float32)
            np.add(target, cv2.resize(knots, (size, size), interpolation=cv2.INTER_CUBIC), target)
    return columns, rows


def _placement(
    rng: np.random.Generator, example: Example, size: int, scale: float
) -> NDArray[np.float32]:
    """The affine map that enlarges by `scale` and cuts a crop: random, or round a deposit."""
    height, width = example.image.shape
    aim = _deposit_pixel(rng, example.mask) if rng.random() < AIMED else None
    top = _start(rng, height * scale, size, None if aim is None else aim[0] * scale)
    left = _start(rng, width * scale, size, None if aim is None else aim[1] * scale)
    return np.array([[scale, 0, -left], [0, scale, -top]], dtype=np.float32)


def _deposit_pixel(
    rng: np.random.Generator, mask: NDArray[np.uint8] | None
) -> tuple[int, int] | None:
    """Row and column of a random pixel of deposit, or None without one."""
    pixels = np.flatnonzero(mask) if mask is not None else np.empty(0, dtype=np.intp)
    if mask is None or not len(pixels):
        return None
    row, column = divmod(int(pixels[int(rng.integers(len(pixels)))]), mask.shape[1])
    return row, column


def _start(rng: np.random.Generator, side: float, size: int, aim: float | None) -> float:
    """Where a crop begins along a side of the enlarged image, so that it contains `aim`."""
    lowest, highest = min(side - size, 0.0), max(side - size, 0.0)
    if aim is not None:
        inset = 0.15 * size
        lowest = max(lowest, min(aim + inset - size, highest))
        highest = min(highest, max(aim - inset, lowest))
    return float(rng.uniform(lowest, highest))


def _orient(image: NDArray[np.uint8], turns: int, flip: bool) -> NDArray[np.uint8]:
    turned = np.rot90(image, turns)
    return np.ascontiguousarray(turned[:, ::-1] if flip else turned)


def _shrink_field(
    rng: np.random.Generator, image: NDArray[np.uint8], mask: NDArray[np.uint8], grey: float
) -> None:
    """Blank all but a rectangle, as serving pads a field smaller than a window."""
    size = image.shape[0]
    height, width = (int(size * rng.uniform(0.6, 1.0)) for _ in range(2))
    top, left = (size - height) // 2, (size - width) // 2
    kept = np.zeros(image.shape, dtype=bool)
    kept[top : top + height, left : left + width] = True
    image[~kept] = int(grey)
    mask[~kept] = 0


def _put_label(
    rng: np.random.Generator, image: NDArray[np.uint8], mask: NDArray[np.uint8] | None
) -> None:
    """Cover a small box, as scale bars and text do; a deposit under it is not seen any more."""
    size = image.shape[0]
    height, width = int(size * rng.uniform(0.04, 0.12)), int(size * rng.uniform(0.15, 0.45))
    top, left = int(rng.integers(size - height)), int(rng.integers(size - width))
    box = np.s_[top : top + height, left : left + width]
    paper, ink = (255, 0) if rng.random() < 0.5 else (0, 255)
    image[box] = paper
    if mask is not None:
        mask[box] = 0
    bar = top + height // 2
    image[bar : bar + max(1, height // 5), left + width // 8 : left + width * 7 // 8] = ink


def _truth(
    example: Example, mask: NDArray[np.uint8] | None, pixel_size_nm: float
) -> NDArray[np.float32]:
    """What the crop shows by its mask; what was not assessed in the image stays unknown."""
    given = example.truth.astype(np.float32)
    if mask is None:
        return given
    seen = visible_locations(mask, pixel_size_nm)
    found = np.array([any(seen), *seen], dtype=np.float32)
    return np.where(np.isnan(given), given, found)


def _places(
    mask: NDArray[np.uint8] | None,
    truth: NDArray[np.float32],
    size: int,
    grid: tuple[int, int],
) -> NDArray[np.float32]:
    """The truth of each place; -1 where too few pixels show, or nobody looked.

    `grid` is the pixels per side of a place, and how many of them make it positive.
    """
    stride, enough = grid
    side = -(-size // stride)
    if mask is None:
        return np.full((5, side, side), -1.0, dtype=np.float32)
    padded = np.zeros((side * stride, side * stride), dtype=np.uint8)
    padded[:size, :size] = mask
    tiles = padded.reshape(side, stride, side, stride)
    layers = [tiles > 0, *(tiles == 1 + index for index in range(4))]
    counts = np.stack([layer.sum(axis=(1, 3)) for layer in layers])
    places = np.where(counts >= enough, 1.0, np.where(counts > 0, -1.0, 0.0))
    places[np.isnan(truth)] = -1.0
    return places.astype(np.float32)
