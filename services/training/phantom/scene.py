"""What all painters share: the canvas, the geometry, the patient, the random numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.training.phantom.grid import Grid
from services.training.phantom.patient import Patient
from services.training.phantom.profile import Profile
from services.training.phantom.texture import Floats, blend, cover, smooth_noise
from services.training.phantom.tuft import Oval, Tuft
from services.training.phantom.wall import Wall


@dataclass(frozen=True)
class Scene:
    """A field while it is painted; `image` [H, W] is painted in place, greys 0..1."""

    rng: np.random.Generator
    grid: Grid
    patient: Patient
    tuft: Tuft
    wall: Wall
    profile: Profile
    image: Floats

    @property
    def pixel(self) -> float:
        """Edge of a pixel in nm."""
        return self.grid.pixel_size_nm

    def noise(self, scale_nm: float) -> Floats:
        """A random canvas of deviation about 1, smooth over `scale_nm`."""
        return smooth_noise(self.rng, self.grid.shape, scale_nm / self.pixel)

    def depth_in(self, oval: Oval) -> Floats:
        """Distance to an ellipse's outline [H, W] in nm, positive inside."""
        return oval.depth(self.grid.x, self.grid.y)

    def fill(self, grey: Floats | float, depth: Floats, softness: float = 1.6) -> None:
        """Lay `grey` where `depth` (nm) is positive, with an edge of `softness` pixels."""
        blend(self.image, grey, cover(depth, softness * self.pixel))

    def well_inside(self, inset_nm: float) -> NDArray[np.bool_]:
        """Where the canvas [H, W] lies at least so far inside the field."""
        height, width = self.grid.extent_nm
        x, y = self.grid.x, self.grid.y
        rows = (y > inset_nm) & (y < height - inset_nm)
        return np.asarray(rows & (x > inset_nm) & (x < width - inset_nm))

    def places(self, allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Rows and columns [M, 2] of the field where a canvas of flags is true."""
        edge, grid = self.grid.margin, self.grid
        return np.argwhere(allowed[edge : edge + grid.height, edge : edge + grid.width])

    def pick(self, places: NDArray[np.intp]) -> tuple[float, float]:
        """One of `places` at random, as x and y in nm."""
        row, column = places[int(self.rng.integers(len(places)))]
        return float(column) * self.pixel, float(row) * self.pixel
