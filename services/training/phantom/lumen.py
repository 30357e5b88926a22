"""Inside a capillary: endothelium with its nuclei, plasma, and the room for what floats in it."""

import cv2
import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.cells import paint_chromatin, paint_cytoplasm
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, smooth_walk, within


def paint_lumen(scene: Scene) -> tuple[Floats, Floats]:
    """Endothelium and plasma; depths [H, W] in nm inside the endothelium and inside the lumen."""
    rng, greys, wall = scene.rng, scene.patient.greys, scene.wall
    inner = wall.depth - wall.along(scene.profile.inner)
    room = within(inner, scene.tuft.capillary)
    swelling = _swellings(scene)
    sheet = np.float32(rng.uniform(*anatomy.ENDOTHELIUM_NM)) * (
        1.0 + np.float32(rng.uniform(0.3, 0.9)) * scene.noise(rng.uniform(220.0, 420.0))
    )
    thick = wall.along(swelling)
    paint_cytoplasm(scene, room, greys.endothelial)
    if rng.random() < 0.8:
        # The nucleus lies in the thick part and is bent along the wall.
        deep = thick - anatomy.ENDOTHELIUM_WITH_NUCLEUS_NM
        paint_chromatin(scene, within(room - 110.0, thick - 150.0 - room, deep))
    lumen = room - np.maximum(sheet, 0.0) - thick
    _paint_plasma(scene, lumen)
    return within(room, -lumen), lumen


def _swellings(scene: Scene) -> Floats:
    """How much thicker than its sheet the endothelium is along the outline [K], in nm."""
    rng = scene.rng
    waves = smooth_walk(rng, scene.wall.arc, rng.uniform(2200.0, 4500.0))
    hills = np.clip(waves - np.float32(rng.uniform(0.5, 1.5)), 0.0, 1.3)
    height = np.float32(rng.uniform(*anatomy.ENDOTHELIUM_SWELLING_NM))
    return np.asarray(height * hills, dtype=np.float32)


def _paint_plasma(scene: Scene, lumen: Floats) -> None:
    """From clear over flocculent to a coarse dark net."""
    rng, style = scene.rng, scene.patient.style
    texture = scene.noise(style.plasma_nm)
    if rng.random() < 0.35:
        # Threads where the noise is near 0.
        texture = np.float32(0.8) - np.float32(2.2) * cv2.exp(-3.0 * np.abs(texture))
    scene.fill(scene.patient.greys.plasma + np.float32(style.plasma) * texture, lumen)
