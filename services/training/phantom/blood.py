"""What floats in a capillary: red cells, platelets, white cells."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.cells import choose_nucleus, paint_cytoplasm, paint_nucleus
from services.training.phantom.disease import INCLUSIONS, USUAL_INCLUSIONS
from services.training.phantom.inclusions import paint_cluster, paint_dense_body
from services.training.phantom.oval import random_oval
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within


def paint_blood(scene: Scene, lumen: Floats) -> None:
    """Cells where `lumen` (nm inside) has room for them."""
    rng = scene.rng
    inside = scene.places(lumen > 300.0)
    if not len(inside):
        return
    share = 1.0 + len(inside) / 8000.0
    for _ in range(int(rng.poisson(0.35 * share))):
        _paint_red_cell(scene, lumen, *scene.pick(inside))
    if rng.random() < 0.12:
        for _ in range(int(rng.integers(1, 5))):
            _paint_platelet(scene, lumen, *scene.pick(inside))
    full = INCLUSIONS.get(scene.patient.pattern, USUAL_INCLUSIONS)
    if rng.random() < 0.15 + 0.3 * full:
        _paint_white_cell(scene, lumen, *scene.pick(inside))


def _paint_red_cell(scene: Scene, lumen: Floats, x: float, y: float) -> None:
    """Homogeneous and dark: a disc, or a bent rod where it is cut across its dimple."""
    rng = scene.rng
    half = rng.uniform(*anatomy.RED_CELL_NM) / 2
    near = scene.near(x, y, half + 1600.0)
    if rng.random() < 0.5:
        depth = _bent_rod(near, x, y, half)
    else:
        depth = near.depth_in(random_oval(rng, x, y, half, (0.3, 0.9)))
    depth = depth + near.ragged(rng.uniform(20.0, 150.0), 2500.0)
    grey = scene.patient.greys.red_cell + np.float32(0.015) * near.noise(900.0)
    near.fill(grey, within(depth, lumen[near.window] - 100.0))


def _bent_rod(near: Scene, x: float, y: float, half_nm: float) -> Floats:
    """Distance to the edge of a rod of half length `half_nm` with round ends, bent on a circle."""
    rng = near.rng
    radius = half_nm * rng.uniform(0.7, 4.0)
    reach = min(half_nm / radius, 1.2)
    turn = rng.uniform(0, 2 * np.pi)
    u = (near.x - x) * np.float32(np.cos(turn)) + (near.y - y) * np.float32(np.sin(turn)) + radius
    v = (near.y - y) * np.float32(np.cos(turn)) - (near.x - x) * np.float32(np.sin(turn))
    angle = np.clip(np.arctan2(v, u), -reach, reach)
    distance = np.hypot(u - radius * np.cos(angle), v - radius * np.sin(angle))
    return np.asarray(rng.uniform(*anatomy.RED_CELL_ROD_NM) - distance, dtype=np.float32)


def _paint_platelet(scene: Scene, lumen: Floats, x: float, y: float) -> None:
    """A small cell without a nucleus, full of dark granules: a mimic."""
    rng = scene.rng
    oval = random_oval(rng, x, y, rng.uniform(*anatomy.PLATELET_NM), (0.3, 0.8))
    near = scene.near(x, y, oval.a + 500.0)
    depth = within(near.depth_in(oval) + near.ragged(110.0, 500.0), lumen[near.window] - 60.0)
    paint_cytoplasm(near, depth, rng.uniform(*anatomy.GREY_CYTOPLASM))
    room = np.full(scene.grid.shape, -1e5, np.float32)
    room[near.window] = depth
    for _ in range(int(rng.integers(4, 14))):
        angle, share = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 0.6))
        spot = x + share * oval.a * np.cos(angle), y + share * oval.b * np.sin(angle)
        paint_dense_body(scene, room, *spot, rng.uniform(*anatomy.PLATELET_GRANULE_NM))
    near.note_mimic("platelets", depth)


def _paint_white_cell(scene: Scene, lumen: Floats, x: float, y: float) -> None:
    """A cell that fills much of the lumen, with a nucleus or packed with dense bodies."""
    rng = scene.rng
    oval = random_oval(rng, x, y, rng.uniform(*anatomy.WHITE_CELL_NM), (0.45, 0.9))
    near = scene.near(x, y, oval.a + 1150.0)
    depth = within(near.depth_in(oval) + near.ragged(250.0, 900.0), lumen[near.window] - 60.0)
    paint_cytoplasm(near, depth, rng.uniform(*anatomy.GREY_CYTOPLASM))
    room = np.full(scene.grid.shape, -1e5, np.float32)
    room[near.window] = depth
    if rng.random() < 0.4 + 0.4 * INCLUSIONS.get(scene.patient.pattern, USUAL_INCLUSIONS):
        paint_cluster(scene, room - 120.0, x, y, oval.a)
    else:
        paint_nucleus(scene, choose_nucleus(rng, x, y), room - 250.0)
