"""What happens to a section: tears, holes, folds, knife marks, chatter, dirt of the stain.

Whatever covers a deposit, or takes it away, takes it out of the truth too.
"""

from collections.abc import Callable

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.oval import Oval, random_oval
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, blend, cover

OPAQUE = 0.5
"""Where something covers more than this share of a deposit, the deposit does not show."""


def damage(scene: Scene) -> None:
    """Apply a random choice of artefacts, mostly none."""
    for name, probability, apply in DAMAGES:
        if scene.rng.random() < probability:
            apply(scene)
            scene.artefacts.add(name)


def _tear(scene: Scene) -> None:
    """A split: pure white, ragged, with a dark rim where the section has rolled up."""
    rng = scene.rng
    height, width = scene.grid.extent_nm
    half = float(np.exp(rng.uniform(np.log(350.0), np.log(2500.0))))
    oval = Oval(
        rng.uniform(0, width),
        rng.uniform(0, height),
        half,
        half * rng.uniform(0.08, 0.35),
        rng.uniform(0, np.pi),
    )
    near = scene.near(oval.x, oval.y, half + 900.0)
    _open(near, near.depth_in(oval) + 110.0 * near.noise(450.0) + 40.0 * near.noise(120.0))


def _holes(scene: Scene) -> None:
    """Round holes of the embedding resin."""
    rng = scene.rng
    height, width = scene.grid.extent_nm
    for _ in range(int(rng.integers(1, 6))):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        oval = random_oval(rng, x, y, rng.uniform(60.0, 450.0), (0.7, 1.0))
        near = scene.near(x, y, oval.a + 250.0)
        _open(near, near.depth_in(oval) + 20.0 * near.noise(200.0))


def _open(near: Scene, depth: Floats) -> None:
    if min(near.image.shape) < 2:
        return
    rim = near.rng.uniform(0.0, 0.8)
    blend(near.image, 0.15, np.float32(rim) * cover(depth + 60.0, 130.0))
    near.fill(1.15, depth)
    near.hide(depth > -60.0 * rim)


def _fold(scene: Scene) -> None:
    """The section lies doubled along a line: a long dark band with soft sides."""
    rng = scene.rng
    across = _across(scene, rng.uniform(0, np.pi)) + np.float32(
        rng.uniform(150, 600)
    ) * scene.noise(6000.0)
    width = rng.uniform(120.0, 700.0)
    alpha = np.float32(rng.uniform(0.55, 0.95)) * _band(across, width, 150.0)
    blend(scene.image, rng.uniform(0.0, 0.2), alpha)
    scene.hide(alpha > OPAQUE)


def _knife_marks(scene: Scene) -> None:
    """Straight scratches along the cut, lighter or darker."""
    rng = scene.rng
    angle = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(1, 6))):
        across = _across(scene, angle)
        width, strength = rng.uniform(15.0, 120.0), rng.uniform(-0.3, 0.3)
        alpha = _band(across, width, max(40.0, 1.5 * scene.pixel))
        scene.image[...] += np.float32(strength) * alpha


def _chatter(scene: Scene) -> None:
    """The knife trembled: bands of thick and thin across the whole field."""
    rng = scene.rng
    across = _across(scene, rng.uniform(0, np.pi)) + 60.0 * scene.noise(5000.0)
    wave = np.sin(across * np.float32(2 * np.pi / rng.uniform(300.0, 1800.0)))
    scene.image[...] += np.float32(rng.uniform(0.015, 0.06)) * wave


def _precipitate(scene: Scene) -> None:
    """Needles and clumps of stain, black, anywhere: a mimic."""
    rng = scene.rng
    height, width = scene.grid.extent_nm
    low, high = np.log(anatomy.PRECIPITATE_NM)
    for _ in range(int(rng.integers(1, 3 + int(width * height / 1e7)))):
        half = float(np.exp(rng.uniform(low, high)))
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        needle = rng.random() < 0.4
        oval = random_oval(rng, x, y, half, (0.1, 0.3) if needle else (0.5, 1.0))
        near = scene.near(x, y, 2.1 * half + 60.0)
        if min(near.image.shape) < 2:
            continue
        wobble = 0.0 if needle else np.float32(0.35 * half) * near.noise(0.8 * half)
        depth = np.asarray(near.depth_in(oval) + wobble, dtype=np.float32)
        near.fill(rng.uniform(0.0, 0.08), depth)
        near.hide(depth > 0)
        near.note_mimic("precipitate", depth)


def _smudge(scene: Scene) -> None:
    """Dirt out of focus: soft dark clouds, lighter than any deposit is dark."""
    rng = scene.rng
    cloud = np.clip((scene.noise(rng.uniform(500.0, 1800.0)) - np.float32(1.9)) * 1.2, 0.0, 1.0)
    scene.image[...] -= np.float32(rng.uniform(0.05, 0.14)) * cloud


def _band(across: Floats, width_nm: float, softness_nm: float) -> Floats:
    """Coverage of a band of `width_nm` round the line that `across` (nm) is measured from."""
    return cover(np.asarray(width_nm / 2 - np.abs(across), np.float32), softness_nm)


def _across(scene: Scene, angle: float) -> Floats:
    """Distance in nm from a line through the field in the direction `angle`."""
    rng = scene.rng
    height, width = scene.grid.extent_nm
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    return np.asarray(
        np.float32(np.sin(angle)) * (scene.x - np.float32(x))
        - np.float32(np.cos(angle)) * (scene.y - np.float32(y)),
        dtype=np.float32,
    )


DAMAGES: tuple[tuple[str, float, Callable[[Scene], None]], ...] = (
    ("chatter", 0.04, _chatter),
    ("smudge", 0.08, _smudge),
    ("precipitate", 0.25, _precipitate),
    ("knife-marks", 0.06, _knife_marks),
    ("fold", 0.03, _fold),
    ("hole", 0.06, _holes),
    ("tear", 0.07, _tear),
)
"""Artefacts in the order in which they come about, with their probability in a field."""
