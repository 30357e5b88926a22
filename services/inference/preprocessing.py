"""The grey field of a micrograph as windows of the model's size and scale. Pure functions.

The only definition of it: training evaluates with the same code that serves.

    field [H,W] --resample to the model's pixel size--> [h,w] --standardise its greys-->
        --cover--> windows [K,1,S,S]
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.common.errors import InvalidImage
from services.inference.grey import levels_at, standardise

#: Version of what this module does; a bundle names the one its model was trained with.
VERSION = "2"

#: A field this much longer than a window is shrunk into it instead of being split:
#: training varies the scale by 15 %, and two windows would cost twice the time.
SHRINK = 1.10

#: Most windows of one field: 64 windows of 10 um are a field of 80 um, twice what a camera
#: takes at the lowest useful magnification. More means that the pixel size is wrong.
MAX_WINDOWS = 64

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ModelInput:
    """What a model looks at: square windows of `size` pixels of `pixel_size_nm` nanometres."""

    size: int
    pixel_size_nm: float

    @property
    def field_nm(self) -> float:
        """Edge of a window in nanometres."""
        return self.size * self.pixel_size_nm


@dataclass(frozen=True, slots=True)
class Box:
    """A window in pixels of the file; reaches beyond the file where the field was padded."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """One field as model inputs."""

    pixels: NDArray[np.uint8]
    """[K, 1, S, S]."""
    boxes: tuple[Box, ...]
    """Where each of the K windows lies, in pixels of the field as it was given."""
    pixel_size_nm: float
    """Edge of a pixel of the field in nanometres, as used."""
    assumed: bool
    """The pixel size was not known: the field was fitted into one window."""


def windows(
    grey: Grey,
    pixel_size_nm: float | None,
    model_input: ModelInput,
    max_windows: int = MAX_WINDOWS,
) -> Windows:
    """Resample the field `grey` [H,W] to the scale of the model and cover it with windows.

    `pixel_size_nm` is the edge of a pixel of `grey`; None fits the longer side
    to one window. Raises InvalidImage (FIELD_TOO_LARGE) above `max_windows`.
    """
    height, width = grey.shape
    used = pixel_size_nm or assumed_pixel_size(width, height, model_input)
    scale = model_scale(width, height, used, model_input)
    target = (_side(width, scale), _side(height, scale))
    _refuse_too_many(target, used * width, used * height, model_input, max_windows)
    field = standardise(resample(grey, *target))
    lefts = list(_starts(target[0], model_input.size))
    tops = list(_starts(target[1], model_input.size))
    canvas = _padded(field, model_input.size)
    size = model_input.size
    pixels = np.stack([canvas[None, y : y + size, x : x + size] for y, _ in tops for x, _ in lefts])
    across, down = width / target[0], height / target[1]
    boxes = tuple(
        Box(left * across, top * down, size * across, size * down)
        for _, top in tops
        for _, left in lefts
    )
    return Windows(pixels, boxes, used, assumed=pixel_size_nm is None)


def assumed_pixel_size(width: int, height: int, model_input: ModelInput) -> float:
    """The pixel size in nanometres at which the longer side just fills a window."""
    return model_input.field_nm / max(width, height)


def model_scale(width: int, height: int, pixel_size_nm: float, model_input: ModelInput) -> float:
    """Pixels of the model per pixel of a field of `width` x `height` pixels of the file."""
    scale = pixel_size_nm / model_input.pixel_size_nm
    longer = max(width, height) * scale
    if model_input.size < longer <= model_input.size * SHRINK:
        return model_input.size / max(width, height)
    return scale


def resample(grey: Grey, width: int, height: int) -> Grey:
    """`grey` at `width` x `height` pixels: each the mean of what it covers, or interpolated."""
    block = whole_blocks(grey.shape[1], grey.shape[0], width / grey.shape[1])
    if block > 1:  # the mean of whole blocks is quick: both steps take 40 % of the time of one
        blocks = (grey.shape[1] // block, grey.shape[0] // block)
        grey = np.asarray(cv2.resize(grey, blocks, interpolation=cv2.INTER_AREA), np.uint8)
    enlarges = width > grey.shape[1] or height > grey.shape[0]
    how = cv2.INTER_CUBIC if enlarges else cv2.INTER_AREA
    return np.asarray(cv2.resize(grey, (width, height), interpolation=how), np.uint8)


def whole_blocks(width: int, height: int, scale: float) -> int:
    """The edge (1, 2, 4 or 8) of blocks that may become one pixel each on the way to `scale`.

    Blocks must fill the field, or its scale would change; and two of them must
    remain per pixel of the model: with one, fine structure changes by several
    grey levels (2.5 of 255 on average in a real micrograph, against 0.6).
    """
    fits = (
        block
        for block in (8, 4, 2)
        if block * scale <= 0.5 and width % block == 0 and height % block == 0
    )
    return next(fits, 1)


def _side(pixels: int, scale: float) -> int:
    return max(1, round(pixels * scale))


def _starts(side: int, size: int) -> Iterator[tuple[int, int]]:
    """For each window along a side: where to cut the canvas, and where that is in the field."""
    if side <= size:
        yield 0, -((size - side) // 2)
        return
    count = math.ceil(side / size)
    for index in range(count):
        start = round(index * (side - size) / (count - 1))
        yield start, start


def _padded(field: Grey, size: int) -> Grey:
    """`field` centred on its median grey where a side is shorter than a window."""
    height, width = field.shape
    if height >= size and width >= size:
        return field
    canvas = np.full((max(height, size), max(width, size)), levels_at(field, 0.5)[0], np.uint8)
    top, left = max(0, size - height) // 2, max(0, size - width) // 2
    canvas[top : top + height, left : left + width] = field
    return canvas


def _refuse_too_many(
    target: tuple[int, int], width_nm: float, height_nm: float, model_input: ModelInput, most: int
) -> None:
    needed = math.ceil(target[0] / model_input.size) * math.ceil(target[1] / model_input.size)
    if needed > most:
        raise InvalidImage(
            f"The field is {width_nm / 1000:,.0f} x {height_nm / 1000:,.0f} µm and would need "
            f"{needed:,} windows of {model_input.field_nm / 1000:.1f} µm; at most {most} are "
            "classified. Check the pixel size, or send the regions of interest one by one.",
            reason="FIELD_TOO_LARGE",
            field="pixel_size_nm",
        )
