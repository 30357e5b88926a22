"""Deposits along the wall: plaques under the endothelium, ribbons within the membrane.

Sizes are estimates, and stand in `anatomy`; long plaques are wire loops.
"""

from dataclasses import replace

import numpy as np

from services.common.classification import Location
from services.training.phantom import anatomy
from services.training.phantom.bands import Band, Site, empty_band, lens
from services.training.phantom.look import choose_look
from services.training.phantom.profile import Profile
from services.training.phantom.texture import Floats, smooth_walk
from services.training.phantom.wall import Wall


def place_ribbon(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Dense-deposit disease: a very dark ribbon in place of the lamina densa."""
    start = site.choose(rng, wall)
    if start is None:
        return []
    half = rng.uniform(*anatomy.RIBBON_HALF_NM)
    segment = lens(wall, start, half, 10.0)
    profile.thickness = np.asarray(profile.thickness * (1.0 + 0.5 * segment), dtype=np.float32)
    waves = smooth_walk(rng, wall.arc, rng.uniform(500.0, 1500.0))
    sausage = np.clip(0.75 + rng.uniform(0.1, 0.4) * waves, 0.0, 1.0) * segment
    middle = 0.5 * profile.thickness
    thick = rng.uniform(0.5, 0.8) * profile.thickness * sausage
    band = empty_band(Location.INTRAMEMBRANOUS, wall)
    band.look = choose_look(rng, (20.0, 90.0))
    shown = sausage > 0.2
    band.lower = np.where(shown, middle - thick / 2, 0.0).astype(np.float32)
    band.upper = np.where(shown, middle + thick / 2, band.upper).astype(np.float32)
    return [band]


def place_plaques(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Subendothelial: one or two plaques that push the endothelium into the lumen."""
    band = empty_band(Location.SUBENDOTHELIAL, wall)
    look = choose_look(rng, (25.0, 120.0), resorbing=0.1)
    band.look = replace(look, fingerprint=bool(rng.random() < 0.15))
    for _ in range(int(rng.integers(1, 4))):
        centre = site.choose(rng, wall, site.capillary)
        if centre is None:
            return []
        half = float(np.exp(rng.uniform(*np.log(anatomy.PLAQUE_HALF_NM))))
        thinnest, thickest = anatomy.PLAQUE_NM
        thick = rng.uniform(thinnest, min(thickest, 260.0 + half))
        plaque = swelling(rng, wall, centre, half) * site.capillary
        profile.plaque = np.maximum(profile.plaque, np.float32(thick) * plaque)
    shown = profile.plaque > 1.0
    band.lower = np.where(shown, profile.thickness - 30.0, 0.0).astype(np.float32)
    inner = profile.thickness + profile.plaque
    band.upper = np.where(shown, inner, band.upper).astype(np.float32)
    return [band]


def swelling(rng: np.random.Generator, wall: Wall, centre: float, half_nm: float) -> Floats:
    """A flat uneven bump [K] of height about 1 along the wall."""
    waves = np.clip(1.0 + 0.25 * smooth_walk(rng, wall.arc, 1200.0), 0.4, 1.5)
    return np.asarray(lens(wall, centre, half_nm, 4.0) * waves, dtype=np.float32)
