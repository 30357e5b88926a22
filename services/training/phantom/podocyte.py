"""Outside the membrane: foot processes on their slits, podocyte bodies, urinary space."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.cells import paint_cytoplasm
from services.training.phantom.profile import Profile
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, smooth_walk, within
from services.training.phantom.wall import APART_NM, Wall

IN_SLIT_NM = -200.0
"""Height of a foot process where there is none."""


def paint_urinary_side(scene: Scene) -> Floats:
    """Paint everything outside the membrane; returns the bodies' depth [H, W] in nm."""
    greys, wall, profile = scene.patient.greys, scene.wall, scene.profile
    scene.image[...] = greys.urinary + 0.012 * scene.noise(130.0)
    height = -wall.depth - wall.along(profile.base)
    body = _body_depth(scene, height)
    _paint_fragments(scene, height)
    paint_cytoplasm(scene, body, greys.cytoplasm)
    top = _foot_tops(scene.rng, wall, profile)
    edge = wall.along(top) + 35.0 * scene.noise(160.0) - height
    foot = greys.foot + 0.05 * scene.noise(90.0)
    effaced = wall.along(profile.effacement)
    # The band of filaments at the base of an effaced foot process is darker than the rest.
    foot = foot + 0.35 * effaced * (greys.cytoplasm - foot)
    foot = foot - 0.12 * effaced * (height < 130.0)
    scene.fill(foot, edge)
    return body


def _paint_fragments(scene: Scene, height: Floats) -> None:
    """Cross-cut processes and vesicles that float in the urinary space."""
    rng, greys = scene.rng, scene.patient.greys
    scale = rng.uniform(200.0, 420.0)
    crowd = scene.noise(3000.0) + np.float32(rng.uniform(-1.2, 0.6))
    bits = scene.noise(scale) - 1.9 + 0.5 * np.clip(crowd, -1, 1)
    depth = within(bits * (0.35 * scale), height - 200.0)
    grey = float(rng.choice([greys.foot, greys.cytoplasm]))
    hollow = np.clip(depth / 60.0 - 0.6, 0.0, 1.0) * rng.uniform(0.0, 0.8)
    scene.fill(grey + hollow * (greys.urinary - grey), depth)


def _body_depth(scene: Scene, height: Floats) -> Floats:
    """Depth inside podocyte bodies: lumps of smooth noise that keep off the foot processes."""
    lumps = scene.noise(2600.0) + 0.35 * scene.noise(900.0)
    fullness = np.float32(scene.rng.uniform(-0.5, 0.6))
    clearance = 300.0 + 400.0 * (1.0 - scene.patient.effacement)
    return within((lumps + fullness) * 700.0, height - clearance)


def _foot_tops(rng: np.random.Generator, wall: Wall, profile: Profile) -> Floats:
    """Height of the foot processes along the outline [K] in nm; IN_SLIT_NM in a slit."""
    tops = np.full_like(wall.arc, IN_SLIT_NM)
    tall = np.clip(1.0 + 0.3 * smooth_walk(rng, wall.arc, 3000.0), 0.5, 1.6)
    ends = np.flatnonzero(np.diff(wall.arc) > 0.1 * APART_NM) + 1
    for section in np.split(np.arange(len(wall.arc)), ends):
        arc = wall.arc[section]
        position = float(arc[0])
        while position < arc[-1]:
            here = section[min(int(np.searchsorted(arc, position)), len(arc) - 1)]
            effaced = bool(rng.random() < profile.effacement[here])
            width, slit, height = _foot_process(rng, effaced)
            chosen = section[(arc >= position) & (arc < position + width)]
            across = (wall.arc[chosen] - position) / width * 2.0 - 1.0
            tops[chosen] = height * tall[chosen] * (1.0 - across**6)
            position += width + slit
    return tops


def _foot_process(rng: np.random.Generator, effaced: bool) -> tuple[float, float, float]:
    """Width, slit and height of one foot process in nm."""
    widths = anatomy.FOOT_WIDTH_EFFACED_NM if effaced else anatomy.FOOT_WIDTH_NM
    width, slit = rng.uniform(*widths), rng.uniform(*anatomy.SLIT_NM)
    lowest, highest = anatomy.FOOT_HEIGHT_NM
    return width, slit, rng.uniform(lowest, 0.75 * highest if effaced else highest)
