"""One drawn micrograph with its exact truth."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from services.common.classification import Location
from services.training.phantom.burned_in import burn_in
from services.training.phantom.exposure import expose
from services.training.phantom.grid import Grid, drawing_step
from services.training.phantom.painting import Painting, paint
from services.training.phantom.patient import Patient
from services.training.phantom.texture import Floats, Labels
from services.training.phantom.visibility import LOCATIONS, MIN_VISIBLE_UM2, visible_locations

__all__ = ["LOCATIONS", "MIN_VISIBLE_UM2", "Field", "draw_field", "visible_locations"]

SHORTEST_FIELD_NM = 2000.0
LARGEST_FIELD_PX = 8192


@dataclass(frozen=True)
class Field:
    """An image with its truth."""

    exposure: Floats
    """[H, W], what the camera recorded, 0 to 1."""
    mask: Labels
    """[H, W], 0 where there is no deposit, else 1 + the index of its location."""
    pixel_size_nm: float
    artefacts: tuple[str, ...] = ()
    mimics: tuple[str, ...] = ()
    """Names of what looks like a deposit and is none."""

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        """[H, W] grey levels, 0 to 255."""
        return np.asarray(np.rint(self.exposure * np.float32(255.0)), dtype=np.uint8)

    @property
    def locations(self) -> dict[Location, bool]:
        """Which locations show, by the area rule."""
        return dict(zip(LOCATIONS, visible_locations(self.mask, self.pixel_size_nm), strict=True))

    @property
    def presence(self) -> bool:
        """Whether any deposit shows."""
        return any(self.locations.values())


def draw_field(
    patient: Patient, number: int, height: int, width: int, pixel_size_nm: float
) -> Field:
    """Draw the field `number` of a patient: the same arguments, the same pixels.

    Raises ValueError for a field smaller than 2 um or larger than 8192 pixels.
    """
    if min(height, width) * pixel_size_nm < SHORTEST_FIELD_NM:
        raise ValueError(f"a field of {height}x{width} px at {pixel_size_nm} nm is under 2 um")
    if max(height, width) > LARGEST_FIELD_PX:
        raise ValueError(f"a field of {height}x{width} px is larger than {LARGEST_FIELD_PX} px")
    rng = patient.field_rng(number)
    step = drawing_step(pixel_size_nm) / pixel_size_nm
    grid = Grid(int(np.ceil(height / step)), int(np.ceil(width / step)), step * pixel_size_nm)
    painting = paint(rng, grid, patient)
    drawing, mask = _enlarge(painting, grid, step, (height, width))
    artefacts = set(painting.artefacts)
    image = expose(rng, drawing, pixel_size_nm, patient.microscope, artefacts)
    if rng.random() < patient.microscope.installation.labels:
        burn_in(rng, image, mask, pixel_size_nm, patient.microscope.magnification)
        artefacts.add("labels")
    return Field(image, mask, pixel_size_nm, tuple(sorted(artefacts)), painting.mimics)


def _enlarge(
    painting: Painting, grid: Grid, step: float, shape: tuple[int, int]
) -> tuple[Floats, Labels]:
    """The field of a painting and its mask at `step` times as many pixels a side."""
    drawing, labels = painting.image[grid.field], painting.labels[grid.field]
    if step == 1.0:
        return drawing.copy(), labels.copy()
    size = (round(grid.width * step), round(grid.height * step))
    enlarged = cv2.resize(drawing, size, interpolation=cv2.INTER_CUBIC)
    mask = np.zeros((size[1], size[0]), np.uint8)
    for value in np.unique(labels[labels > 0]):
        share = cv2.resize((labels == value).astype(np.float32), size)
        mask[share > 0.5] = value
    drawn = np.array(enlarged[: shape[0], : shape[1]], np.float32)
    return drawn, mask[: shape[0], : shape[1]].copy()
