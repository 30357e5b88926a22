"""One drawn micrograph with its exact truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.common.classification import Location
from services.training.phantom.bands import find_sites
from services.training.phantom.capillary import (
    paint_lumen,
    paint_membrane,
    paint_mesangium,
    stalk_depth,
)
from services.training.phantom.deposits import (
    LOCATIONS,
    MESANGIAL_PLAN,
    paint_deposit,
    plan_wall_deposits,
)
from services.training.phantom.grid import Grid
from services.training.phantom.mesangial_deposits import free_of_deposits, place_mesangial
from services.training.phantom.microscope import photograph
from services.training.phantom.mimics import paint_inclusions, paint_precipitate, paint_tear
from services.training.phantom.patient import Patient
from services.training.phantom.podocyte import paint_urinary_side
from services.training.phantom.profile import draw_profile
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats
from services.training.phantom.tuft import draw_tuft
from services.training.phantom.wall import trace_wall

MIN_VISIBLE_UM2 = 0.03
"""A location counts where at least this area of it shows: a disc of 0.2 um, 14 pixels of 46 nm."""

SHORTEST_FIELD_NM = 2000.0
LARGEST_FIELD_PX = 8192


@dataclass(frozen=True)
class Field:
    """An image with its truth."""

    image: NDArray[np.uint8]
    """[H, W] grey levels."""
    mask: NDArray[np.uint8]
    """[H, W], 0 where there is no deposit, else 1 + the index of its location."""
    pixel_size_nm: float

    @property
    def locations(self) -> dict[Location, bool]:
        """Which locations show, by the area rule."""
        return dict(zip(LOCATIONS, visible_locations(self.mask, self.pixel_size_nm), strict=True))

    @property
    def presence(self) -> bool:
        """Whether any deposit shows."""
        return any(self.locations.values())


def visible_locations(mask: NDArray[np.uint8], pixel_size_nm: float) -> tuple[bool, ...]:
    """The label rule: which locations show at least MIN_VISIBLE_UM2 in a mask [H, W]."""
    counts = np.bincount(mask.ravel(), minlength=1 + len(LOCATIONS))[1:]
    areas = counts * (pixel_size_nm / 1000.0) ** 2
    return tuple(bool(area >= MIN_VISIBLE_UM2) for area in areas)


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
    grid = Grid(height, width, pixel_size_nm)
    drawing, mask = _draw(rng, grid, patient)
    edge = grid.margin
    mask = mask[edge : edge + height, edge : edge + width].copy()
    image = photograph(rng, grid.crop(drawing).copy(), pixel_size_nm, patient.microscope)
    return Field(image, mask, pixel_size_nm)


def _draw(
    rng: np.random.Generator, grid: Grid, patient: Patient
) -> tuple[Floats, NDArray[np.uint8]]:
    """Paint the canvas from the outside in, then deposits, then dirt."""
    tuft = draw_tuft(rng, grid)
    wall = trace_wall(tuft.inside, grid)
    profile = draw_profile(rng, wall, patient)
    shows = rng.random() >= patient.clear_share
    site = find_sites(wall, profile, tuft, grid)
    bands = plan_wall_deposits(rng, wall, profile, site, patient.pattern) if shows else []
    image, mask = np.empty(grid.shape, np.float32), np.zeros(grid.shape, np.uint8)
    scene = Scene(rng, grid, patient, tuft, wall, profile, image)
    bodies = paint_urinary_side(scene)
    paint_membrane(scene)
    stalk = stalk_depth(scene)
    shows_mesangial = shows and rng.random() < MESANGIAL_PLAN.get(patient.pattern, 0.0)
    deposits = place_mesangial(scene, stalk) if shows_mesangial else None
    cells = paint_mesangium(scene, free_of_deposits(stalk, deposits))
    endothelium = paint_lumen(scene)
    for cytoplasm in (bodies, cells, endothelium):
        paint_inclusions(scene, cytoplasm)
    for band in bands:
        paint_deposit(scene, mask, band.depth(wall), band.location, band.mottled)
    if deposits is not None:
        paint_deposit(scene, mask, deposits, Location.MESANGIAL)
    paint_precipitate(scene)
    paint_tear(scene, mask)
    return image, mask
