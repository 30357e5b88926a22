"""Outside the membrane: foot processes on their slits, podocyte bodies, urinary space."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.cells import choose_nucleus, paint_cytoplasm, paint_nucleus
from services.training.phantom.oval import Oval
from services.training.phantom.profile import Profile
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, smooth_walk, within
from services.training.phantom.wall import APART_NM, Wall

IN_SLIT_NM = -200.0
"""Height of a foot process where there is none."""

LIGHTER_THAN_DEPOSIT = 0.08
"""An effaced process over deposits is at least so much lighter, or they could not be seen."""


def paint_urinary_side(scene: Scene) -> Floats:
    """Paint everything outside the membrane; returns the bodies' depth [H, W] in nm."""
    greys, wall, profile = scene.patient.greys, scene.wall, scene.profile
    scene.image[...] = greys.urinary + np.float32(scene.rng.uniform(0.0, 0.03)) * scene.noise(150.0)
    height = -wall.depth - wall.along(profile.base)
    clearance = scene.rng.uniform(*anatomy.PODOCYTE_CLEARANCE_NM)
    clearance += 300.0 * (1.0 - scene.patient.effacement)
    room = height - np.float32(clearance)
    body = within(_lumps(scene), room)
    nuclei = _place_nuclei(scene, body, room)
    _paint_villi(scene, height)
    paint_cytoplasm(scene, body, greys.cytoplasm)
    for nucleus in nuclei:
        paint_nucleus(scene, nucleus, room - 150.0)
    top = _foot_tops(scene.rng, wall, profile)
    edge = wall.along(top) + scene.ragged(35.0, 160.0) - height
    scene.fill(_foot_grey(scene, height), edge)
    return body


def _foot_grey(scene: Scene, height: Floats) -> Floats:
    """The grey of foot processes: effaced ones are paler, with a dark band of filaments below."""
    rng, greys, wall = scene.rng, scene.patient.greys, scene.wall
    effaced = wall.along(scene.profile.effacement)
    pale = greys.foot + rng.uniform(0.2, 0.7) * (greys.cytoplasm - greys.foot)
    pale = max(pale, greys.deposit + LIGHTER_THAN_DEPOSIT)
    foot = greys.foot + np.float32(0.05 * scene.patient.style.grain) * scene.noise(90.0)
    foot = foot + effaced * np.float32(pale - greys.foot)
    patches = np.clip(0.6 + 0.6 * wall.along(smooth_walk(rng, wall.arc, 600.0)), 0.0, 1.0)
    reach, strength = rng.uniform(*anatomy.FOOT_FILAMENTS_NM), rng.uniform(0.0, 0.2)
    filaments = np.clip((np.float32(reach) - height) / 50.0, 0.0, 1.0)
    # Not over a deposit, where the band would blur what is what.
    bare = np.clip(1.0 - wall.along(scene.profile.bulge) / 60.0, 0.0, 1.0)
    return np.asarray(
        foot - np.float32(strength) * effaced * patches * filaments * bare, np.float32
    )


def _place_nuclei(scene: Scene, body: Floats, room: Floats) -> list[Oval]:
    """Nuclei in podocyte bodies, which grow round them in place where `room` (nm) allows."""
    deep = scene.places((body > 250.0) & (room > 900.0))
    count = int(scene.rng.poisson(len(deep) / 5000.0 + 0.3)) if len(deep) else 0
    nuclei = [choose_nucleus(scene.rng, *scene.pick(deep)) for _ in range(count)]
    for nucleus in nuclei:
        near = scene.near(nucleus.x, nucleus.y, nucleus.a + 900.0)
        round_it = near.depth_in(nucleus) + np.float32(
            scene.rng.uniform(*anatomy.PODOCYTE_ROUND_NUCLEUS_NM)
        )
        view = body[near.window]
        np.maximum(view, within(round_it, room[near.window]), out=view)
    return nuclei


def _paint_villi(scene: Scene, height: Floats) -> None:
    """Cross-cut villi, processes and vesicles that float in the urinary space."""
    rng, greys = scene.rng, scene.patient.greys
    low, high = anatomy.MICROVILLUS_NM
    for _ in range(int(rng.integers(1, 3))):
        scale = 2.2 * rng.uniform(low, high)
        crowd = scene.noise(3000.0) + np.float32(rng.uniform(-1.5, 0.8))
        bits = scene.noise(scale) - np.float32(1.7) + np.float32(0.5) * np.clip(crowd, -1, 1)
        depth = within(bits * np.float32(0.35 * scale), height - np.float32(200.0))
        grey = float(rng.choice([greys.foot, greys.cytoplasm]))
        hollow = np.clip(depth / 60.0 - 0.6, 0.0, 1.0) * np.float32(rng.uniform(0.0, 0.8))
        scene.fill(grey + hollow * np.float32(greys.urinary - grey), depth)


def _lumps(scene: Scene) -> Floats:
    """Depth inside podocyte bodies and their arms [H, W] in nm, wherever the wall is."""
    rng = scene.rng
    lumps = scene.noise(rng.uniform(1500.0, 3200.0))
    lumps = lumps + np.float32(rng.uniform(0.2, 0.6)) * scene.noise(900.0)
    body = (lumps + np.float32(rng.uniform(-0.9, 0.7))) * np.float32(600.0)
    if rng.random() < 0.6:  # arms run between the bodies as sheets: ridges of the noise
        ridge = 260.0 - 900.0 * np.abs(scene.noise(2600.0))
        body = np.maximum(body, ridge)
    return np.asarray(body, dtype=np.float32)


def _foot_tops(rng: np.random.Generator, wall: Wall, profile: Profile) -> Floats:
    """Height of the foot processes along the outline [K] in nm; IN_SLIT_NM in a slit."""
    tops = np.full_like(wall.arc, IN_SLIT_NM)
    tall = np.clip(1.0 + 0.3 * smooth_walk(rng, wall.arc, 3000.0), 0.5, 1.6)
    ends = np.flatnonzero(np.diff(wall.arc) > 0.1 * APART_NM) + 1
    for section in np.split(np.arange(len(wall.arc)), ends):
        arc = wall.arc[section]
        position = float(arc[0])
        while position < arc[-1]:
            first = min(int(np.searchsorted(arc, position)), len(arc) - 1)
            effaced = bool(rng.random() < profile.effacement[section[first]])
            width, slit, height = _foot_process(rng, effaced)
            last = int(np.searchsorted(arc, position + width))
            chosen = section[first:last]
            across = (arc[first:last] - position) / width * 2.0 - 1.0
            tops[chosen] = height * tall[chosen] * (1.0 - across**6)
            position += width + slit
    return tops


def _foot_process(rng: np.random.Generator, effaced: bool) -> tuple[float, float, float]:
    """Width, slit and height of one foot process in nm."""
    widths = anatomy.FOOT_WIDTH_EFFACED_NM if effaced else anatomy.FOOT_WIDTH_NM
    width, slit = rng.uniform(*widths), rng.uniform(*anatomy.SLIT_NM)
    lowest, highest = anatomy.FOOT_HEIGHT_NM
    return width, slit, rng.uniform(lowest, 0.75 * highest if effaced else highest)
