"""Cytoplasm with its small organelles, and nuclei with their chromatin."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats
from services.training.phantom.tuft import Oval


def paint_cytoplasm(scene: Scene, depth: Floats, grey: float) -> None:
    """Fill where `depth` (nm inside the cell) is positive: granules, organelles, a dark rim."""
    fine = scene.noise(70.0)
    coarse = scene.noise(260.0)
    filling = grey + 0.035 * fine + 0.02 * coarse
    # Mitochondria and vesicles are the tails of the coarse noise.
    filling = filling - 0.14 * np.clip((coarse - 1.7) * 3.0, 0.0, 1.0)
    filling = filling + 0.16 * np.clip((-coarse - 1.8) * 3.0, 0.0, 1.0)
    filling = filling - 0.2 * np.clip(1.0 - depth / 45.0, 0.0, 1.0)
    scene.fill(filling, depth)


def choose_nucleus(rng: np.random.Generator, x: float, y: float) -> Oval:
    """A nucleus round a position in nm."""
    a = rng.uniform(*anatomy.NUCLEUS_NM)
    return Oval(x, y, a, a * rng.uniform(0.4, 0.85), rng.uniform(0, np.pi))


def paint_nucleus(scene: Scene, oval: Oval, within: Floats) -> None:
    """A nucleus with its dark rim and clumps, only where `within` (nm) is positive."""
    rng, greys = scene.rng, scene.patient.greys
    depth = np.minimum(scene.depth_in(oval) + 130.0 * scene.noise(900.0), within)
    clumps = scene.noise(420.0) + 0.7 * scene.noise(130.0)
    rim = rng.uniform(90.0, 320.0)
    dark = np.clip((clumps - 0.7) * 1.5, 0, 1) + np.clip((rim - depth) / (0.5 * rim), 0, 1)
    light = max(greys.cytoplasm + rng.uniform(-0.12, 0.2), greys.chromatin + 0.12)
    grains = 0.05 * scene.noise(60.0)
    filling = light + np.clip(dark, 0, 1) * (greys.chromatin - light) + grains
    scene.fill(filling, depth, softness=2.0)
