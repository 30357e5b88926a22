"""Ellipses: cells, nuclei, granules, deposits begin as one."""

from dataclasses import dataclass

import numpy as np

from services.training.phantom.texture import Floats


@dataclass(frozen=True)
class Oval:
    """An ellipse in nm: centre, half axes, angle of `a` against the x axis in radians."""

    x: float
    y: float
    a: float
    b: float
    angle: float

    def depth(self, x: Floats, y: Floats) -> Floats:
        """Approximate distance to the outline in nm, positive inside."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        # Separable: each term is a sum of a row [1, W] and a column [H, 1].
        u = np.float32(cos / self.a) * (x - np.float32(self.x)) + np.float32(sin / self.a) * (
            y - np.float32(self.y)
        )
        v = np.float32(cos / self.b) * (y - np.float32(self.y)) - np.float32(sin / self.b) * (
            x - np.float32(self.x)
        )
        u *= u
        v *= v
        square = u + v + np.float32(1e-9)
        radius = np.sqrt(square)
        slope = np.sqrt(u * np.float32(self.a**-2) + v * np.float32(self.b**-2)) / radius
        return np.asarray((1.0 - radius) / (slope + np.float32(1e-7)), dtype=np.float32)


def random_oval(
    rng: np.random.Generator, x: float, y: float, half_nm: float, roundness: tuple[float, float]
) -> Oval:
    """An ellipse round (x, y) nm of longer half axis `half_nm` and random shape and direction."""
    return Oval(x, y, half_nm, half_nm * rng.uniform(*roundness), rng.uniform(0, np.pi))
