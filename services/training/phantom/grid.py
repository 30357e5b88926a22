"""The canvas in nanometres: field of view plus a margin that is cut off in the end."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.training.phantom.texture import Floats

MARGIN_NM = 1500.0
"""Drawn beyond the field, so that a wall that crosses the edge is whole there."""

FINE_NM = 20.0
"""Pixels below this are drawn twice coarser, up to this: a micrograph holds little that is finer.

Most of what is smaller than 20 nm is the grain of section and camera, which is
laid over the drawing at the image's own pixel size.
"""


def drawing_step(pixel_size_nm: float) -> float:
    """Edge in nm of a pixel of the drawing of an image with pixels of `pixel_size_nm`."""
    return max(pixel_size_nm, min(2.0 * pixel_size_nm, FINE_NM))


@dataclass(frozen=True)
class Grid:
    """Pixels of `pixel_size_nm`; (0, 0) nm is the upper left corner of the field."""

    height: int
    width: int
    pixel_size_nm: float

    @cached_property
    def margin(self) -> int:
        """Pixels of margin on each side."""
        return int(np.ceil(MARGIN_NM / self.pixel_size_nm))

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the canvas, margin included."""
        return self.height + 2 * self.margin, self.width + 2 * self.margin

    @cached_property
    def extent_nm(self) -> tuple[float, float]:
        """Height and width of the field."""
        return self.height * self.pixel_size_nm, self.width * self.pixel_size_nm

    @cached_property
    def y(self) -> Floats:
        """Vertical position of the canvas' rows [H, 1] in nm."""
        return self._axis(self.shape[0])[:, None]

    @cached_property
    def x(self) -> Floats:
        """Horizontal position of the canvas' columns [1, W] in nm."""
        return self._axis(self.shape[1])[None, :]

    def _axis(self, count: int) -> Floats:
        steps = np.arange(count, dtype=np.float32) + np.float32(0.5 - self.margin)
        return np.asarray(steps * np.float32(self.pixel_size_nm), dtype=np.float32)

    @property
    def field(self) -> tuple[slice, slice]:
        """Rows and columns of the field on the canvas."""
        edge = self.margin
        return slice(edge, edge + self.height), slice(edge, edge + self.width)

    def window(self, x: float, y: float, reach_nm: float) -> tuple[slice, slice]:
        """Rows and columns of the canvas within `reach_nm` of a position; may be empty."""
        pixel, edge = self.pixel_size_nm, self.margin
        side = int(2 * reach_nm / pixel) + 2
        top, left = int((y - reach_nm) / pixel) + edge, int((x - reach_nm) / pixel) + edge
        return (
            slice(max(top, 0), min(max(top + side, 0), self.shape[0])),
            slice(max(left, 0), min(max(left + side, 0), self.shape[1])),
        )
