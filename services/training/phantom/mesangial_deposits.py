"""Deposits in the mesangial matrix: rounded, soft-edged, mostly near the wall."""

import numpy as np

from services.training.phantom.bands import KEEP_OFF_EDGE_NM
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within
from services.training.phantom.tuft import Oval

PARAMESANGIAL_NM = 1500.0
"""Deposits of IgA nephropathy lie under the membrane's reflection: these are preferred."""

ROOM_NM = 250.0
"""Depth of the mesangium at a deposit's centre, so that the deposit is no sliver of its rim."""

MATRIX_ROUND_NM = 130.0
"""Matrix between a deposit and the nearest cell: deposits lie in matrix, which grows with them."""


def place_mesangial(scene: Scene, stalk: Floats) -> Floats | None:
    """Distance to the edge of one to five deposits [H, W] in nm, or None without room.

    `stalk` is the depth in nm inside the mesangium. Sizes 0.2-2 um are
    published as an estimate.
    """
    rng = scene.rng
    room = scene.well_inside(KEEP_OFF_EDGE_NM) & (stalk > ROOM_NM)
    places = scene.places(room & (scene.wall.depth < PARAMESANGIAL_NM))
    if not len(places):
        places = scene.places(room)
    if not len(places):
        return None
    deposits = np.full(scene.grid.shape, -1e5, np.float32)
    for _ in range(int(rng.integers(1, 6))):
        x, y = scene.pick(places)
        a = float(np.exp(rng.uniform(np.log(240.0), np.log(900.0))))
        oval = Oval(x, y, a, a * rng.uniform(0.5, 1.0), rng.uniform(0, np.pi))
        deposits = np.maximum(deposits, scene.depth_in(oval))
    wobble = 70.0 * scene.noise(600.0)
    return within(deposits + wobble, stalk - 60.0)


def free_of_deposits(stalk: Floats, deposits: Floats | None) -> Floats:
    """Depth in nm inside that part of the mesangium where cells may lie."""
    if deposits is None:
        return stalk
    return within(stalk, -deposits - MATRIX_ROUND_NM)
