"""Changes of a training image that leave its truth: what microscopes and operators vary.

Evaluation never comes here; it uses the preprocessing that serves.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inference.preprocessing import standardise
from services.training.dataset import Example
from services.training.phantom.field import visible_locations

SCALE = 0.15
"""Largest relative change of the scale."""
MAP_STRIDE, MAP_PIXELS = 32, 12
"""Pixels of the image per place of the network's maps; deposit pixels that make it positive."""
DETAIL_STRIDE, DETAIL_PIXELS = 8, 16
"""The same for the finer maps of an early layer, which only training looks at."""
AIMED = 0.6
"""Share of crops of a micrograph with deposits that are made to show one."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One augmented crop."""

    image: NDArray[np.uint8]
    """[S, S]."""
    labels: NDArray[np.float32]
    """[5], of what the crop shows where there is a mask, else of the whole image."""
    places: NDArray[np.float32]
    """[5, S/32, S/32]: presence and locations by place, -1 where unknown."""
    details: NDArray[np.float32]
    """[5, S/8, S/8]: the same, finer."""


def draw_view(rng: np.random.Generator, example: Example, size: int, pixel_size_nm: float) -> View:
    """A random crop of `size` pixels of an example, in random orientation, scale and contrast."""
    scale = float(np.exp(rng.uniform(np.log(1 - SCALE), np.log(1 + SCALE))))
    matrix = _placement(rng, example, size, scale)
    field = standardise(example.image)
    grey = float(np.median(field))
    placed = cv2.warpAffine(field, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=grey)
    turns, flip = int(rng.integers(4)), bool(rng.random() < 0.5)
    image = _orient(np.asarray(placed, np.uint8), turns, flip)
    mask = None
    if example.mask is not None:
        moved = cv2.warpAffine(example.mask, matrix, (size, size), flags=cv2.INTER_NEAREST)
        mask = _orient(np.asarray(moved, np.uint8), turns, flip)
    if mask is not None and rng.random() < 0.12:
        _shrink_field(rng, image, mask, grey)
    image = _change_greys(rng, image)
    return View(
        image,
        _labels(example, mask, pixel_size_nm / scale),
        _places(mask, size, MAP_STRIDE, MAP_PIXELS),
        _places(mask, size, DETAIL_STRIDE, DETAIL_PIXELS),
    )


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


def _change_greys(rng: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Contrast, brightness, gamma, focus and noise; black stays darker than white."""
    grey: NDArray[np.float32] = image.astype(np.float32) / 255.0
    if rng.random() < 0.3:
        blurred = cv2.GaussianBlur(grey, (0, 0), float(rng.uniform(0.4, 1.1)))
        grey = np.asarray(blurred, dtype=np.float32)
    grey = np.clip(grey, 0.0, 1.0) ** np.float32(np.exp(rng.uniform(-0.4, 0.4)))
    mean = grey.mean()
    contrast = np.float32(np.exp(rng.uniform(-0.3, 0.25)))
    grey = mean + (grey - mean) * contrast + np.float32(rng.uniform(-0.08, 0.08))
    if rng.random() < 0.5:
        noise = rng.standard_normal(grey.shape, dtype=np.float32)
        if rng.random() < 0.5:
            noise = 2.0 * cv2.GaussianBlur(noise, (0, 0), 0.8)
        grey = grey + np.float32(rng.uniform(0.0, 0.035)) * noise
    return np.asarray(np.clip(np.rint(grey * 255.0), 0, 255), dtype=np.uint8)


def _labels(
    example: Example, mask: NDArray[np.uint8] | None, pixel_size_nm: float
) -> NDArray[np.float32]:
    if mask is None:
        return np.array(example.labels, dtype=np.float32)
    seen = visible_locations(mask, pixel_size_nm)
    return np.array([any(seen), *seen], dtype=np.float32)


def _places(
    mask: NDArray[np.uint8] | None, size: int, stride: int, enough: int
) -> NDArray[np.float32]:
    """The truth of each place; -1 where fewer than `enough` pixels of deposit show."""
    side = -(-size // stride)
    if mask is None:
        return np.full((5, side, side), -1.0, dtype=np.float32)
    padded = np.zeros((side * stride, side * stride), dtype=np.uint8)
    padded[:size, :size] = mask
    tiles = padded.reshape(side, stride, side, stride)
    layers = [tiles > 0, *(tiles == 1 + index for index in range(4))]
    counts = np.stack([layer.sum(axis=(1, 3)) for layer in layers])
    places = np.where(counts >= enough, 1.0, np.where(counts > 0, -1.0, 0.0))
    return places.astype(np.float32)
