"""What all painters share: canvas, geometry, patient, random numbers, and the truth so far."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.training.phantom.grid import Grid
from services.training.phantom.oval import Oval
from services.training.phantom.patient import Patient
from services.training.phantom.profile import Profile
from services.training.phantom.texture import (
    Flags,
    Floats,
    Labels,
    blend,
    cover,
    smooth_noise,
    within,
)
from services.training.phantom.tuft import Tuft
from services.training.phantom.wall import Wall

FULL = (slice(None), slice(None))

MOST_RAGGED = 2.0
"""Outlines stray no further, in deviations: a window of known reach holds the whole shape."""


@dataclass(frozen=True)
class Scene:
    """A field, or a window of it, while it is painted: greys 0..1, painted in place."""

    rng: np.random.Generator
    grid: Grid
    patient: Patient
    tuft: Tuft
    wall: Wall
    profile: Profile
    canvas: Floats
    """The whole canvas [H, W]."""
    labels: Labels
    """[H, W], 0 where no deposit shows, else 1 + the index of its location."""
    mimics: set[str] = field(default_factory=set)
    """Names of what was drawn that looks like a deposit and is none."""
    artefacts: set[str] = field(default_factory=set)
    window: tuple[slice, slice] = FULL

    @cached_property
    def image(self) -> Floats:
        """The part of the canvas that is painted on."""
        return self.canvas[self.window]

    @cached_property
    def x(self) -> Floats:
        """Horizontal positions [1, W] in nm."""
        return self.grid.x[:, self.window[1]]

    @cached_property
    def y(self) -> Floats:
        """Vertical positions [H, 1] in nm."""
        return self.grid.y[self.window[0], :]

    @property
    def pixel(self) -> float:
        """Edge of a pixel of the drawing in nm."""
        return self.grid.pixel_size_nm

    def near(self, x: float, y: float, reach_nm: float) -> "Scene":
        """The same scene, limited to a window: small things are painted in small time."""
        window = self.grid.window(x, y, reach_nm)
        return Scene(
            self.rng,
            self.grid,
            self.patient,
            self.tuft,
            self.wall,
            self.profile,
            self.canvas,
            self.labels,
            self.mimics,
            self.artefacts,
            window,
        )

    def noise(self, scale_nm: float) -> Floats:
        """Random [H, W] of deviation about 1, smooth over `scale_nm`, finer as the style says."""
        field = smooth_noise(self.rng, self.image.shape, scale_nm / self.pixel)
        rough = self.patient.style.roughness
        if rough > 0.05 and scale_nm > 2.5 * self.pixel:
            finer = smooth_noise(self.rng, self.image.shape, scale_nm / 2.6 / self.pixel)
            field = (field + np.float32(rough) * finer) * np.float32((1 + rough**2) ** -0.5)
        return np.asarray(field, dtype=np.float32)

    def ragged(self, amplitude_nm: float, scale_nm: float) -> Floats:
        """How far an outline strays, in nm: as smooth or ragged as the patient's section."""
        steps = np.clip(self.noise(scale_nm), -MOST_RAGGED, MOST_RAGGED)
        return np.asarray(np.float32(amplitude_nm * self.patient.style.raggedness) * steps)

    def depth_in(self, oval: Oval) -> Floats:
        """Distance to an ellipse's outline [H, W] in nm, positive inside."""
        return oval.depth(self.x, self.y)

    def fill(self, grey: Floats | float, depth: Floats, softness_nm: float = 0.0) -> None:
        """Lay `grey` where `depth` (nm) is positive, with an edge at least as soft as asked."""
        soft = max(softness_nm, self.patient.style.edge_nm, 1.5 * self.pixel)
        blend(self.image, grey, cover(depth, soft))

    def hide(self, hidden: Flags) -> None:
        """Take out of the truth what something else now covers."""
        self.labels[self.window][hidden] = 0

    def note_mimic(self, name: str, depth: Floats) -> None:
        """Remember a mimic that shows: `depth` (nm) is positive somewhere in the field."""
        if self.shows(depth):
            self.mimics.add(name)

    def shows(self, depth: Floats) -> bool:
        """Whether `depth` (nm) is positive somewhere in the field."""
        return bool((within(depth, self._inside_field) > 0).any())

    @property
    def _inside_field(self) -> Floats:
        """Distance to the field's edge [H, W] in nm, positive inside."""
        height, width = self.grid.extent_nm
        across = np.minimum(self.x, np.float32(width) - self.x)
        return np.asarray(np.minimum(across, np.minimum(self.y, height - self.y)), np.float32)

    def well_inside(self, inset_nm: float) -> Flags:
        """Where the canvas [H, W] lies at least so far inside the field."""
        height, width = self.grid.extent_nm
        rows = (self.y > inset_nm) & (self.y < height - inset_nm)
        return np.asarray(rows & (self.x > inset_nm) & (self.x < width - inset_nm))

    def places(self, allowed: Flags) -> NDArray[np.intp]:
        """Rows and columns [M, 2] of the field, on a raster of 4 pixels, where flags are true."""
        rows, columns = self.grid.field
        return 4 * np.argwhere(allowed[rows, columns][::4, ::4])

    def pick(self, places: NDArray[np.intp]) -> tuple[float, float]:
        """One of `places` at random, as x and y in nm."""
        row, column = places[int(self.rng.integers(len(places)))]
        return float(column) * self.pixel, float(row) * self.pixel
