"""How a deposit is filled: how dark, how grainy, how soft, resorbed or patterned."""

from dataclasses import dataclass

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats

MOST_LUCENT = 0.75
"""A resorbing deposit's spots lose at most this share of its contrast, so that it stays one."""


@dataclass(frozen=True)
class Look:
    """What sets the deposits of one field apart from others."""

    softness_nm: float = 60.0
    """Width of the edge."""
    lucent: float = 0.0
    """0 solid to 1 largely resorbed: patchy, with pale spots."""
    halo: float = 0.0
    """How much lighter a rim of the membrane round it is, as deposits are resorbed."""
    fingerprint: bool = False
    """Whether it holds parallel ridges."""
    shade: float = 0.0
    """Difference from the patient's usual grey."""


def choose_look(
    rng: np.random.Generator, softness_nm: tuple[float, float], resorbing: float = 0.0
) -> Look:
    """A random look; `resorbing` is the probability of lucent spots and halos."""
    fades = rng.random() < resorbing
    return Look(
        softness_nm=float(np.exp(rng.uniform(*np.log(softness_nm)))),
        lucent=rng.uniform(0.35, 1.0) if fades else 0.0,
        halo=rng.uniform(0.05, 0.16) if fades and rng.random() < 0.6 else 0.0,
        shade=-abs(rng.normal(0.0, 0.03)),
    )


def deposit_grey(scene: Scene, look: Look) -> Floats:
    """The grey [H, W] of a deposit, before it is cut to its shape."""
    rng, greys = scene.rng, scene.patient.greys
    solid = max(greys.deposit + look.shade, 0.02)
    contrast = greys.membrane - solid
    fine = rng.uniform(0.05, 0.16) * contrast
    grey = solid + np.float32(fine) * scene.noise(rng.uniform(45.0, 110.0))
    grey = grey + np.float32(0.4 * fine) * scene.noise(400.0)
    if look.lucent:
        spots = np.clip((scene.noise(rng.uniform(130.0, 300.0)) - 0.9 + look.lucent) * 1.5, 0, 1)
        grey = grey + np.float32(MOST_LUCENT * contrast) * spots
    if look.fingerprint:
        period = rng.uniform(*anatomy.FINGERPRINT_NM)
        angle = rng.uniform(0, np.pi) + 0.7 * scene.noise(900.0)
        along = scene.x * np.cos(angle) + scene.y * np.sin(angle)
        grey = grey + np.float32(0.3 * contrast) * np.sin(along * np.float32(2 * np.pi / period))
    return np.asarray(grey, dtype=np.float32)


def paint_deposit(scene: Scene, depth: Floats, number: int, look: Look) -> None:
    """Paint where `depth` (nm) is positive and write `number` into the truth there."""
    ragged = depth + scene.ragged(16.0, 150.0)
    if look.halo:
        scene.fill(scene.patient.greys.membrane + look.halo, ragged + 110.0, 80.0)
    scene.fill(deposit_grey(scene, look), ragged, look.softness_nm)
    scene.labels[scene.window][ragged > 0] = number
