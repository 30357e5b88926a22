"""Cytoplasm with its small organelles, and nuclei with their chromatin."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.oval import Oval, random_oval
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within

OUTLINE_NM = 45.0
"""Reach of a cell's dark outline: the membrane itself is 8 nm, cut at a slant."""

RIM_CONTRAST = 0.16
"""A nucleus has a rim where it is so much darker than the inside: the share that deposits need."""

RIM_PIXELS = 2.0
"""A rim that is narrower than this is lost in the edge."""


def paint_cytoplasm(scene: Scene, depth: Floats, grey: float) -> None:
    """Fill where `depth` (nm inside the cell) is positive: granules, organelles, an outline."""
    rng, style = scene.rng, scene.patient.style
    fine = scene.noise(rng.uniform(45.0, 110.0))
    coarse = scene.noise(rng.uniform(200.0, 380.0))
    filling = grey + np.float32(0.035 * style.grain) * fine
    filling += np.float32(rng.uniform(0.01, 0.05)) * coarse
    # Cut membranes of organelles: thin lines where the noise passes 0.
    lines = np.clip(1.0 - np.abs(coarse) * np.float32(rng.uniform(5.0, 14.0)), 0.0, 1.0)
    filling += np.float32(rng.uniform(-0.16, 0.06)) * lines
    # Mitochondria and vesicles are the tails of the coarse noise.
    dark, light = rng.uniform(0.0, 0.22), rng.uniform(0.0, 0.25)
    filling -= np.float32(dark) * np.clip((coarse - np.float32(1.6)) * 3.0, 0.0, 1.0)
    filling += np.float32(light) * np.clip((-coarse - np.float32(1.7)) * 3.0, 0.0, 1.0)
    filling -= np.float32(style.outline) * np.clip(1.0 - depth / np.float32(OUTLINE_NM), 0.0, 1.0)
    scene.fill(filling, depth)


def choose_nucleus(rng: np.random.Generator, x: float, y: float) -> Oval:
    """A nucleus round a position in nm."""
    return random_oval(rng, x, y, rng.uniform(*anatomy.NUCLEUS_NM), (0.35, 0.9))


def paint_nucleus(scene: Scene, oval: Oval, room: Floats) -> None:
    """A nucleus with its dark rim and clumps, only where `room` (nm, on the canvas) is positive."""
    near = scene.near(oval.x, oval.y, oval.a + 800.0)
    if near.image.size:
        shape = near.depth_in(oval) + near.ragged(160.0, 900.0)
        paint_chromatin(near, within(shape, room[near.window]))


def paint_chromatin(scene: Scene, depth: Floats) -> None:
    """Nuclear filling where `depth` (nm) is positive: from vesicular to wholly dark."""
    rng, greys = scene.rng, scene.patient.greys
    coarse = rng.uniform(250.0, 800.0)
    clumps = scene.noise(coarse) + np.float32(0.7) * scene.noise(coarse / 3.2)
    rim = rng.uniform(60.0, 320.0)
    density = rng.uniform(-0.2, 1.4)
    dark = np.clip((clumps - np.float32(density)) * 1.5, 0, 1)
    dark = dark + np.clip((np.float32(rim) - depth) / np.float32(0.5 * rim), 0, 1)
    light = max(greys.cytoplasm + rng.uniform(-0.15, 0.25), greys.chromatin + 0.12)
    # A section that grazes the rim shows nothing but dark chromatin.
    light = greys.chromatin + 0.06 if rng.random() < 0.08 else light
    grains = np.float32(0.05 * scene.patient.style.grain) * scene.noise(60.0)
    share = np.float32(greys.chromatin - light) * np.clip(dark, 0, 1)
    scene.fill(light + share + grains, depth, 30.0)
    if light - greys.chromatin >= RIM_CONTRAST and rim >= RIM_PIXELS * scene.pixel:
        _note_rim(scene, depth, dark, rim)


def _note_rim(scene: Scene, depth: Floats, dark: Floats, rim_nm: float) -> None:
    """A rim is one where the field shows it, and something paler inside of it."""
    paler = within(depth - np.float32(rim_nm), 0.5 - dark)
    if scene.shows(paler):
        scene.note_mimic("nuclear-rims", within(depth, 0.75 * rim_nm - depth))
