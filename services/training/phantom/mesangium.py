"""The mesangium: matrix with its cells, their arms and nuclei."""

import numpy as np

from services.training.phantom.cells import choose_nucleus, paint_cytoplasm, paint_nucleus
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within


def paint_mesangium(scene: Scene, stalk: Floats) -> Floats:
    """Cells in the matrix where `stalk` (nm inside, deposits left out) is positive; their depth."""
    rng = scene.rng
    texture = scene.noise(rng.uniform(900.0, 1700.0)) + np.float32(0.5) * scene.noise(500.0)
    # From matrix with few arms to cells with little matrix.
    fullness = np.float32(rng.uniform(-1.0, 0.5))
    steep = rng.uniform(250.0, 450.0)
    cells = within((texture + fullness) * np.float32(steep), stalk - np.float32(120.0))
    paint_cytoplasm(scene, cells, scene.patient.greys.mesangial)
    deep = scene.places(stalk > 800.0)
    for _ in range(1 + len(deep) // 3000 if len(deep) else 0):
        if rng.random() > 0.75:
            continue
        nucleus = choose_nucleus(rng, *scene.pick(deep))
        paint_nucleus(scene, nucleus, stalk - 150.0)
        # The nucleus has its own cytoplasm round it.
        near = scene.near(nucleus.x, nucleus.y, nucleus.a + 700.0)
        halo = within(near.depth_in(nucleus) + 250.0, stalk[near.window] - 120.0)
        np.maximum(cells[near.window], halo, out=cells[near.window])
    return cells
