"""Deposits in the mesangial matrix: rounded, soft-edged, mostly near the wall."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.bands import KEEP_OFF_EDGE_NM
from services.training.phantom.oval import random_oval
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within

ROOM_NM = 250.0
"""Depth of the mesangium at a deposit's centre, so that the deposit is no sliver of its rim."""

MATRIX_ROUND_NM = 130.0
"""Matrix between a deposit and the nearest cell: deposits lie in matrix, which grows with them."""

FAR_NM = np.float32(-1e5)


def place_mesangial(scene: Scene, stalk: Floats) -> Floats | None:
    """Distance to the edge of one to eight deposits [H, W] in nm, or None without room.

    `stalk` is the depth in nm inside the mesangium.
    """
    rng = scene.rng
    room = scene.well_inside(KEEP_OFF_EDGE_NM) & (stalk > ROOM_NM)
    places = scene.places(room & (scene.wall.depth < anatomy.PARAMESANGIAL_NM))
    if not len(places):
        places = scene.places(room)
    if not len(places):
        return None
    deposits = np.full(scene.grid.shape, FAR_NM, np.float32)
    roundness = (rng.uniform(0.25, 0.6), 1.0)
    for _ in range(int(rng.integers(1, 9))):
        half = float(np.exp(rng.uniform(*np.log(anatomy.MESANGIAL_HALF_NM))))
        oval = random_oval(rng, *scene.pick(places), half, roundness)
        spot = scene.near(oval.x, oval.y, 1.6 * half + 300.0)
        view = deposits[spot.window]
        np.maximum(view, spot.depth_in(oval), out=view)
    wobble = np.float32(rng.uniform(20.0, 130.0)) * scene.noise(rng.uniform(350.0, 800.0))
    # Far from any deposit the wobble alone must make none.
    return within(deposits + np.where(deposits > -400.0, wobble, 0.0), stalk - 60.0)


def free_of_deposits(stalk: Floats, deposits: Floats | None) -> Floats:
    """Depth in nm inside that part of the mesangium where cells may lie."""
    if deposits is None:
        return stalk
    return within(stalk, -deposits - MATRIX_ROUND_NM)
