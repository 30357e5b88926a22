"""Deposits of the capillary wall: bands between two depths, as functions of arc length."""

from dataclasses import dataclass, field

import numpy as np

from services.common.classification import Location
from services.training.phantom.grid import Grid
from services.training.phantom.look import Look
from services.training.phantom.profile import Profile
from services.training.phantom.texture import Flags, Floats, within
from services.training.phantom.tuft import Tuft
from services.training.phantom.wall import Wall

KEEP_OFF_EDGE_NM = 350.0
"""Deposits are centred at least this far inside the field, so that they can be seen."""


@dataclass
class Band:
    """Deposits of one location: they fill the depths from `lower` to `upper`, each [K] in nm."""

    location: Location
    lower: Floats
    upper: Floats
    look: Look = field(default_factory=Look)

    def depth(self, wall: Wall) -> Floats:
        """Distance to the edge of the deposits [H, W] in nm, positive inside."""
        return within(wall.depth - wall.along(self.lower), wall.along(self.upper) - wall.depth)


@dataclass(frozen=True)
class Site:
    """Where on the outlines something may be placed: flags [K]."""

    visible: Flags
    """The point lies well inside the field."""
    capillary: Flags
    """Behind the membrane lies a lumen, not mesangium."""

    def choose(self, rng: np.random.Generator, wall: Wall, *among: Flags) -> float | None:
        """A random arc length where all of `among` hold, or None where there is no such place."""
        allowed = self.visible.copy()
        for flags in among:
            allowed &= flags
        fit = np.flatnonzero(allowed)
        return float(wall.arc[fit[int(rng.integers(len(fit)))]]) if len(fit) else None


def find_sites(wall: Wall, profile: Profile, tuft: Tuft, grid: Grid) -> Site:
    """Look at every point of the outlines."""
    height, width = grid.extent_nm
    x, y = wall.points[:, 0], wall.points[:, 1]
    visible = (x > KEEP_OFF_EDGE_NM) & (x < width - KEEP_OFF_EDGE_NM)
    visible &= (y > KEEP_OFF_EDGE_NM) & (y < height - KEEP_OFF_EDGE_NM)
    behind = wall.points + wall.normals * (profile.thickness + 500.0)[:, None]
    column = np.rint(behind[:, 0] / grid.pixel_size_nm).astype(int) + grid.margin
    row = np.rint(behind[:, 1] / grid.pixel_size_nm).astype(int) + grid.margin
    row, column = np.clip(row, 0, grid.shape[0] - 1), np.clip(column, 0, grid.shape[1] - 1)
    return Site(visible, tuft.capillary[row, column] > 250.0)


def empty_band(location: Location, wall: Wall) -> Band:
    """A band that holds nothing yet."""
    nothing = np.full_like(wall.arc, -1e5)
    return Band(location, np.zeros_like(wall.arc), nothing)


def lens(wall: Wall, centre: float, half_nm: float, power: float = 2.0) -> Floats:
    """A bump [K] of height 1 at `centre` that falls to 0 at `half_nm` on either side."""
    across = np.abs(wall.arc - centre) / half_nm
    return np.asarray(np.clip(1.0 - across**power, 0.0, 1.0), dtype=np.float32)
