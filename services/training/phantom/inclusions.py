"""Dense bodies inside cells, the strongest mimics of deposits: lysosomes, storage bodies, lipid."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.disease import INCLUSIONS, USUAL_INCLUSIONS
from services.training.phantom.oval import random_oval
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within


def paint_inclusions(scene: Scene, cells: Floats) -> None:
    """Single bodies, packed clusters and lipid where `cells` (nm inside cytoplasm) allows."""
    rng = scene.rng
    places = scene.places(cells > 120.0)
    if not len(places):
        return
    often = INCLUSIONS.get(scene.patient.pattern, USUAL_INCLUSIONS)
    if rng.random() < often:
        for _ in range(int(rng.integers(1, 4)) if often > 0.5 else 1):
            spot = scene.pick(places)
            paint_cluster(scene, cells - 60.0, *spot, rng.uniform(*anatomy.CLUSTER_NM))
    if rng.random() < 0.3:
        for _ in range(int(rng.integers(1, 10))):
            half = float(np.exp(rng.uniform(*np.log(anatomy.DENSE_BODY_NM))))
            paint_dense_body(scene, cells, *scene.pick(places), half)
    if rng.random() < 0.12:
        for _ in range(int(rng.integers(1, 5))):
            _paint_lipid(scene, cells, *scene.pick(places))


def paint_cluster(scene: Scene, room: Floats, x: float, y: float, reach_nm: float) -> None:
    """Angular dense bodies packed against each other, each of its own grey, pale seams between.

    As in a cell of a real micrograph: 0.4-1.2 um, black to dark grey, some
    striped, some split by white cracks. `room` is the depth (nm) inside the cell.
    """
    rng = scene.rng
    near = scene.near(x, y, reach_nm)
    if min(near.image.shape) < 4:
        return
    size = rng.uniform(*anatomy.PACKED_BODY_NM)
    count = int(np.clip(2.2 * (reach_nm / size) ** 2, 3, 60))
    seeds = np.array([x, y]) + rng.uniform(-reach_nm, reach_nm, (count, 2))
    stretch, angle = rng.uniform(1.0, 1.9, count), rng.uniform(0, np.pi, count)
    warp = rng.uniform(0.0, 140.0)
    across, along = near.x + near.ragged(warp, 350.0), near.y + near.ragged(warp, 350.0)
    first = np.full(near.image.shape, 1e6, np.float32)
    second, owner = first.copy(), np.zeros(near.image.shape, np.int32)
    for number, (left, top) in enumerate(seeds):
        cos, sin = np.float32(np.cos(angle[number])), np.float32(np.sin(angle[number]))
        u = cos * (across - np.float32(left)) + sin * (along - np.float32(top))
        v = cos * (along - np.float32(top)) - sin * (across - np.float32(left))
        distance = np.hypot(u / np.float32(stretch[number]), v)
        nearer = distance < first
        second = np.where(nearer, first, np.minimum(second, distance))
        first, owner = np.where(nearer, distance, first), np.where(nearer, number, owner)
    body = within(
        0.5 * (second - first) - rng.uniform(15.0, 90.0), rng.uniform(0.4, 0.7) * size - first
    )
    body = within(body, room[near.window], np.float32(reach_nm) - np.hypot(near.x - x, near.y - y))
    greys = rng.uniform(*anatomy.GREY_INCLUSION, count).astype(np.float32)
    if rng.random() < 0.3:
        greys[:] = greys[0]
    filling = greys[owner] + np.float32(rng.uniform(0.01, 0.06)) * near.noise(120.0)
    near.fill(np.asarray(filling + _pattern(near), np.float32), body, 15.0)
    near.note_mimic("dense-clusters", body)


def paint_dense_body(scene: Scene, room: Floats, x: float, y: float, half_nm: float) -> None:
    """One round body: solid, mottled, half extracted, ringed, or with a pale middle."""
    rng = scene.rng
    oval = random_oval(rng, x, y, half_nm, (0.5, 1.0))
    near = scene.near(x, y, 1.6 * half_nm + 60.0)
    if min(near.image.shape) < 2:
        return
    depth = near.depth_in(oval) + near.ragged(0.12 * half_nm, 0.8 * half_nm)
    filling = rng.uniform(*anatomy.GREY_INCLUSION) + np.float32(0.04) * near.noise(110.0)
    filling += np.float32(rng.choice([0.0, 0.0, 0.12, 0.3])) * near.noise(0.9 * half_nm)
    if rng.random() < 0.3:
        rings = np.sin(depth / np.float32(rng.uniform(8.0, 45.0)))
        filling += np.float32(rng.uniform(0.05, 0.2)) * rings
    shown = within(depth, room[near.window] - 20.0)
    near.fill(filling, shown, 20.0)
    near.note_mimic("lysosomes", shown)


def _pattern(near: Scene) -> Floats | float:
    """Stripes of lamellar bodies and white cracks, here and there over a cluster."""
    rng = near.rng
    here = np.clip((near.noise(900.0) - np.float32(1.2)) * 3.0, 0.0, 1.0)
    if rng.random() > 0.6:
        return 0.0
    angle = rng.uniform(0, np.pi) + np.float32(0.5) * near.noise(600.0)
    wave = near.x * np.cos(angle) + near.y * np.sin(angle)
    stripes = np.sin(wave * np.float32(2 * np.pi / rng.uniform(*anatomy.LAMELLA_NM)))
    crack = np.clip((stripes - np.float32(0.9)) * 8.0, 0.0, 1.0) * np.float32(
        rng.choice([0.0, 0.8])
    )
    return np.asarray(here * (np.float32(0.1) * stripes + crack), dtype=np.float32)


def _paint_lipid(scene: Scene, cells: Floats, x: float, y: float) -> None:
    """A droplet: homogeneous, from pale to dark grey, darker towards one side."""
    rng = scene.rng
    half = float(np.exp(rng.uniform(*np.log(anatomy.LIPID_NM))))
    oval = random_oval(rng, x, y, half, (0.8, 1.0))
    near = scene.near(x, y, 1.35 * half + 60.0)
    if min(near.image.shape) < 2:
        return
    slope = ((near.x - x) * np.cos(oval.angle) + (near.y - y) * np.sin(oval.angle)) / half
    grey = rng.uniform(0.12, 0.75) - rng.uniform(0.0, 0.12) * slope
    depth = near.depth_in(oval) + near.ragged(0.06 * half, half)
    grey = grey - np.float32(rng.uniform(0.0, 0.15)) * np.clip(1.0 - depth / 80.0, 0.0, 1.0)
    shown = within(depth, cells[near.window] - 20.0)
    near.fill(grey.astype(np.float32), shown, 20.0)
    near.note_mimic("lipid", shown)
