"""Dark things that are no deposits: lysosomes, lipid, precipitate, and tears of the section."""

import numpy as np
from numpy.typing import NDArray

from services.training.phantom.grid import Grid
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, blend, cover, smooth_noise, within
from services.training.phantom.tuft import Oval

Window = tuple[slice, slice]


def paint_inclusions(scene: Scene, cells: Floats) -> None:
    """Lysosomes and lipid in a cell: where `cells` (nm inside cytoplasm) allows."""
    rng, greys = scene.rng, scene.patient.greys
    places = scene.places(cells > 150.0)
    if not len(places) or rng.random() > 0.5:
        return
    clustered = rng.random() < 0.5
    x, y = scene.pick(places)
    largest = rng.uniform(180.0, 850.0)
    for _ in range(int(rng.integers(1, 14))):
        if not clustered:
            x, y = scene.pick(places)
        spread = 900.0 * rng.standard_normal(2) if clustered else np.zeros(2)
        a = rng.uniform(0.3, 1.0) * largest
        b = a * rng.uniform(0.6, 1.0)
        oval = Oval(x + spread[0], y + spread[1], a, b, rng.uniform(0, np.pi))
        lipid = rng.random() < 0.15
        grey = greys.urinary - 0.1 if lipid else greys.inclusion
        _paint_inclusion(scene, oval, cells, grey + rng.uniform(-0.03, 0.12))


def _paint_inclusion(scene: Scene, oval: Oval, cells: Floats, grey: float) -> None:
    """One body, at times lamellar."""
    rng, grid = scene.rng, scene.grid
    window = _window(grid, oval, oval.a * 1.3)
    view = scene.image[window]
    if not view.size:
        return
    inside = oval.depth(grid.x[:, window[1]], grid.y[window[0], :])
    depth = within(inside, cells[window] - 20.0)
    filling = np.full_like(view, grey)
    filling += 0.04 * smooth_noise(rng, (view.shape[0], view.shape[1]), 120.0 / scene.pixel)
    if rng.random() < 0.3:
        rings = np.sin(depth / rng.uniform(18.0, 45.0))
        filling += 0.12 * rings.astype(np.float32)
    blend(view, filling, cover(depth, 1.6 * scene.pixel))


def paint_precipitate(scene: Scene) -> None:
    """Stain precipitate anywhere: small black clumps and needles."""
    rng, grid = scene.rng, scene.grid
    if rng.random() > 0.3:
        return
    height, width = grid.extent_nm
    for _ in range(int(rng.integers(1, 9))):
        needle = rng.random() < 0.5
        a = rng.uniform(60.0, 260.0)
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        b = a * (0.2 if needle else rng.uniform(0.6, 1.0))
        oval = Oval(x, y, a, b, rng.uniform(0, np.pi))
        window = _window(grid, oval, 1.3 * a)
        view = scene.image[window]
        depth = oval.depth(grid.x[:, window[1]], grid.y[window[0], :])
        blend(view, 0.02, cover(depth, 1.6 * scene.pixel))


def paint_tear(scene: Scene, mask: NDArray[np.uint8]) -> None:
    """A hole of the section: pure white with a dark rim; nothing of a deposit is left in it."""
    rng = scene.rng
    if rng.random() > 0.05:
        return
    height, width = scene.grid.extent_nm
    a = rng.uniform(500.0, 1800.0)
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    oval = Oval(x, y, a, a * rng.uniform(0.15, 0.5), rng.uniform(0, np.pi))
    depth: Floats = scene.depth_in(oval) + 90.0 * scene.noise(500.0)
    blend(scene.image, 0.2, 0.6 * cover(depth + 60.0, 120.0))
    scene.fill(1.15, depth)
    mask[depth > 0] = 0


def _window(grid: Grid, oval: Oval, reach: float) -> Window:
    """The part of the canvas within `reach` nm of an ellipse's centre."""
    pixel, edge = grid.pixel_size_nm, grid.margin
    rows, columns = grid.shape
    top, left = int((oval.y - reach) / pixel) + edge, int((oval.x - reach) / pixel) + edge
    side = int(2 * reach / pixel) + 2
    return (
        slice(max(top, 0), min(max(top + side, 0), rows)),
        slice(max(left, 0), min(max(left + side, 0), columns)),
    )
