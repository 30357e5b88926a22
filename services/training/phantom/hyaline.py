"""Two dense masses that are no deposits: hyaline with lipid holes, and strings of fibrin."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.training.phantom import anatomy
from services.training.phantom.bands import Site, lens
from services.training.phantom.disease import (
    FIBRIN,
    HYALINE,
    USUAL_FIBRIN,
    USUAL_HYALINE,
    Pattern,
)
from services.training.phantom.oval import Oval, random_oval
from services.training.phantom.profile import Profile
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, blend, within
from services.training.phantom.wall import Wall

MOST_STRANDS = 70


def place_hyaline(
    rng: np.random.Generator, wall: Wall, profile: Profile, site: Site, pattern: Pattern
) -> Oval | None:
    """Room for an insudate between membrane and endothelium; where its middle lies, or None."""
    if rng.random() > HYALINE.get(pattern, USUAL_HYALINE) or profile.interposed.any():
        return None
    centre = site.choose(rng, wall, site.capillary)
    if centre is None:
        return None
    half, thick = rng.uniform(*anatomy.HYALINE_NM), rng.uniform(*anatomy.HYALINE_NM)
    profile.interposed = np.asarray(
        np.maximum(profile.interposed, thick * lens(wall, centre, half, 2.5) * site.capillary),
        dtype=np.float32,
    )
    point = int(np.argmin(np.abs(wall.arc - centre)))
    into = wall.points[point] + wall.normals[point] * (profile.thickness[point] + thick / 2)
    return Oval(float(into[0]), float(into[1]), half, thick / 2, 0.0)


def paint_hyaline(scene: Scene, where: Oval) -> None:
    """Homogeneous, moderately dense, always with clear round holes: the lipid washed out."""
    rng, wall, profile = scene.rng, scene.wall, scene.profile
    near = scene.near(where.x, where.y, where.a + where.b + 600.0)
    if min(near.image.shape) < 4:
        return
    depth = wall.depth[near.window]
    start = wall.along(profile.thickness + profile.plaque, near.window)
    stop = wall.along(profile.inner, near.window)
    mass = within(depth - start, stop - depth, stop - start - 80.0)
    grey = rng.uniform(*anatomy.GREY_HYALINE) + np.float32(0.012) * near.noise(500.0)
    near.fill(grey, mass + near.ragged(40.0, 400.0), 30.0)
    for _ in range(int(rng.integers(5, 22))):
        x, y = where.x + rng.normal(0, 0.6 * where.a), where.y + rng.normal(0, 0.6 * where.a)
        hole = random_oval(rng, x, y, rng.uniform(*anatomy.HYALINE_HOLE_NM), (0.7, 1.0))
        spot = scene.near(x, y, 1.2 * hole.a)
        if min(spot.image.shape) >= 2:
            inner = wall.depth[spot.window] - wall.along(profile.thickness, spot.window)
            outer = wall.along(profile.inner, spot.window) - wall.depth[spot.window]
            room = within(spot.depth_in(hole), inner - 40.0, outer - 40.0)
            spot.fill(scene.patient.greys.urinary - rng.uniform(0.0, 0.15), room)
    near.note_mimic("hyaline", mass)


def paint_fibrin(scene: Scene, lumen: Floats) -> None:
    """Strands and tactoids in a lumen, or outside the tuft: dense and string-like."""
    rng = scene.rng
    if rng.random() > FIBRIN.get(scene.patient.pattern, USUAL_FIBRIN):
        return
    outside = rng.random() < 0.2
    room = -scene.wall.depth - 900.0 if outside else lumen
    places = scene.places(room > 350.0)
    if not len(places):
        return
    x, y = scene.pick(places)
    reach = rng.uniform(*anatomy.FIBRIN_REACH_NM)
    near = scene.near(x, y, 2.4 * reach)
    ink = np.zeros(near.image.shape, np.uint8)
    middle = np.array(ink.shape[::-1]) / 2
    direction = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(8, MOST_STRANDS))):
        width = rng.uniform(*anatomy.FIBRIN_NM) * (2.5 if rng.random() < 0.15 else 1.0)
        _draw_strand(rng, ink, middle, direction, (reach / scene.pixel, width / scene.pixel))
    alpha = ink.astype(np.float32) / 255.0 * np.clip(room[near.window] / 120.0, 0.0, 1.0)
    grey = rng.uniform(*anatomy.GREY_FIBRIN) + np.float32(0.04) * near.noise(90.0)
    blend(near.image, grey, np.asarray(alpha, np.float32))
    near.note_mimic("fibrin", alpha - 0.5)


def _draw_strand(
    rng: np.random.Generator,
    ink: NDArray[np.uint8],
    middle: NDArray[np.float64],
    direction: float,
    size_px: tuple[float, float],
) -> None:
    """One bent line of about the bundle's direction; `size_px` is reach and width."""
    reach, width = size_px
    angle = direction + rng.normal(0.0, 0.22)
    start = middle + np.clip(rng.normal(0.0, 0.4, 2), -0.9, 0.9) * reach
    turns = angle + np.cumsum(rng.normal(0.0, 0.18, 7))
    steps = np.stack([np.cos(turns), np.sin(turns)], axis=1) * reach * rng.uniform(0.05, 0.2)
    line = np.rint(16 * (start + np.cumsum(steps, axis=0))).astype(np.int32)
    cv2.polylines(ink, [line], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
