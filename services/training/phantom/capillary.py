"""Inside the membrane: mesangium with its cells, endothelium, lumen, red cells."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.cells import choose_nucleus, paint_cytoplasm, paint_nucleus
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within
from services.training.phantom.tuft import Oval


def paint_membrane(scene: Scene) -> None:
    """Membrane and matrix, which are of one grey, with a paler face on either side."""
    wall, profile = scene.wall, scene.profile
    outer = wall.depth + wall.along(profile.outgrowth)
    filling = scene.patient.greys.membrane + 0.02 * scene.noise(400.0)
    filling = filling + 0.012 * scene.noise(60.0)
    filling = filling + 0.06 * np.clip(1.0 - outer / 60.0, 0.0, 1.0)
    inner = np.abs(wall.depth - wall.along(profile.thickness))
    filling = filling + 0.05 * np.clip(1.0 - inner / 50.0, 0.0, 1.0)
    scene.fill(filling, outer + 15.0 * scene.noise(300.0))


def stalk_depth(scene: Scene) -> Floats:
    """Depth inside the mesangium [H, W] in nm: within the wall, outside capillary territory."""
    wall = scene.wall
    inside = wall.depth - wall.along(scene.profile.inner)
    return within(inside, -scene.tuft.capillary)


def paint_mesangium(scene: Scene, stalk: Floats) -> Floats:
    """Cells in the matrix where `stalk` (nm inside, deposits left out) is positive; their depth."""
    rng = scene.rng
    texture = scene.noise(1300.0) + 0.5 * scene.noise(500.0)
    cells = within((texture + np.float32(rng.uniform(-0.7, 0.2))) * 420.0, stalk - 120.0)
    paint_cytoplasm(scene, cells, scene.patient.greys.cytoplasm - 0.03)
    deep = scene.places(stalk > 900.0)
    if len(deep) and rng.random() < 0.7:
        nucleus = choose_nucleus(rng, *scene.pick(deep))
        paint_nucleus(scene, nucleus, stalk - 150.0)
        # The nucleus has its own cytoplasm round it.
        halo = scene.depth_in(nucleus) + 250.0
        cells = np.maximum(cells, within(halo, stalk - 120.0))
    return cells


def paint_lumen(scene: Scene) -> Floats:
    """Endothelium, plasma, at times a nucleus and red cells; returns the endothelium's depth."""
    rng, greys = scene.rng, scene.patient.greys
    inner = scene.wall.depth - scene.wall.along(scene.profile.inner)
    room = within(inner, scene.tuft.capillary)
    beads = scene.noise(330.0)
    sheet = np.float32(rng.uniform(*anatomy.ENDOTHELIUM_NM)) * (1.0 + 0.6 * beads)
    swelling = scene.noise(2600.0) - np.float32(rng.uniform(0.7, 1.6))
    sheet = sheet + 1500.0 * np.clip(swelling, 0.0, 1.2)
    paint_cytoplasm(scene, room, greys.cytoplasm - 0.06)
    thick = scene.places((sheet > 900.0) & (room > 300.0))
    if len(thick) and rng.random() < 0.8:
        nucleus = choose_nucleus(rng, *scene.pick(thick))
        paint_nucleus(scene, nucleus, room - 80.0)
        sheet = np.where(scene.depth_in(nucleus) > -120.0, np.float32(1e5), sheet)
    lumen = room - sheet
    scene.fill(greys.plasma + 0.035 * scene.noise(90.0), lumen)
    _paint_red_cells(scene, lumen)
    return within(room, -lumen)


def _paint_red_cells(scene: Scene, lumen: Floats) -> None:
    rng = scene.rng
    for _ in range(int(rng.choice([0, 0, 0, 1, 1, 2]))):
        inside = scene.places(lumen > 350.0)
        if not len(inside):
            return
        x, y = scene.pick(inside)
        a = rng.uniform(*anatomy.RED_CELL_NM) / 2
        oval = Oval(x, y, a, a * rng.uniform(0.25, 0.9), rng.uniform(0, np.pi))
        depth = scene.depth_in(oval) + 250.0 * scene.noise(2500.0)
        scene.fill(scene.patient.greys.red_cell, within(depth, lumen - 120.0))
