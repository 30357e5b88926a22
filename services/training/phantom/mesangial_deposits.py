"""Deposits in the mesangial matrix: rounded, soft-edged, mostly near the wall."""

import numpy as np

from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within
from services.training.phantom.tuft import Oval

PARAMESANGIAL_NM = 1500.0
"""Deposits of IgA nephropathy lie under the membrane's reflection: these are preferred."""

SMALLEST_ROOM_NM2 = 26_000.0
"""Free matrix below which no deposit is placed."""


def place_mesangial(scene: Scene, stalk: Floats, cells: Floats) -> Floats | None:
    """Distance to the edge of one to five deposits [H, W] in nm, or None without room.

    `stalk` is the depth in nm inside the mesangium, `cells` that inside its cells.
    Sizes 0.2-2 um are published as an estimate.
    """
    rng = scene.rng
    matrix = (stalk > 200.0) & (cells < -60.0)
    near = matrix & (scene.wall.depth < PARAMESANGIAL_NM)
    places = scene.places(near)
    if not len(places):
        places = scene.places(matrix)
    if len(places) * scene.pixel**2 < SMALLEST_ROOM_NM2:
        return None
    deposits = np.full(scene.grid.shape, -1e5, np.float32)
    for _ in range(int(rng.integers(1, 6))):
        x, y = scene.pick(places)
        a = float(np.exp(rng.uniform(np.log(240.0), np.log(900.0))))
        oval = Oval(x, y, a, a * rng.uniform(0.5, 1.0), rng.uniform(0, np.pi))
        deposits = np.maximum(deposits, scene.depth_in(oval))
    wobble = 70.0 * scene.noise(600.0)
    return within(deposits + wobble, stalk - 60.0, -cells)
