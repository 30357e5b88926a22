"""How deposits of the wall look: domes with spikes, humps, islands, ribbons, plaques.

Sizes are estimates (a pathologist should check them), drawn in the upper part
of the published ranges so that they show at the model's 46 nm per pixel:
membranous domes 0.1-0.8 um, humps 0.5-3 um, islands 0.1-1 um, dense-deposit
ribbons of micrometres, plaques 0.2-1 um thick and 1-10 um long.
"""

import numpy as np

from services.common.classification import Location
from services.training.phantom.bands import Band, Site, empty_band, lens
from services.training.phantom.profile import Profile
from services.training.phantom.texture import smooth_walk
from services.training.phantom.wall import Wall


def place_domes(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Membranous, early: a row of domes under effaced processes, often with spikes between."""
    start = site.choose(rng, wall)
    if start is None:
        return []
    band = empty_band(Location.SUBEPITHELIAL, wall)
    spikes = rng.uniform(0.4, 1.0) if rng.random() < 0.5 else 0.0
    reach = rng.uniform(1500.0, 9000.0)
    position = start - reach * rng.uniform(0.2, 0.5)
    stop = position + reach
    while position < stop:
        half = rng.uniform(170.0, 430.0)
        tall = rng.uniform(0.7, 1.3) * half
        position += half
        dome = lens(wall, position, half, 2.5)
        profile.bulge = np.maximum(profile.bulge, tall * dome)
        band.upper = np.where(dome > 0, 0.25 * profile.thickness * dome, band.upper)
        gap = rng.uniform(120.0, 650.0)
        if spikes:
            spike = lens(wall, position + half + gap / 2, gap / 2 + 60.0, 2.0)
            profile.outgrowth = np.maximum(profile.outgrowth, spikes * tall * spike)
        position += half + gap
    band.lower = -profile.bulge
    _efface(wall, profile, start, reach)
    return [band]


def place_humps(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Post-infectious: one to three large rounded humps on an unchanged membrane."""
    band = empty_band(Location.SUBEPITHELIAL, wall)
    for _ in range(int(rng.integers(1, 4))):
        centre = site.choose(rng, wall)
        if centre is None:
            return []
        half = rng.uniform(320.0, 900.0)
        hump = lens(wall, centre, half, 2.2)
        profile.bulge = np.maximum(profile.bulge, half * rng.uniform(0.8, 1.4) * hump)
        band.upper = np.where(hump > 0, 0.12 * profile.thickness * hump, band.upper)
        _efface(wall, profile, centre, 2 * half)
    band.lower = -profile.bulge
    return [band]


def place_islands(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Membranous, late: islands enclosed in a thickened membrane, at times resorbing."""
    start = site.choose(rng, wall)
    if start is None:
        return []
    band = empty_band(Location.INTRAMEMBRANOUS, wall)
    band.mottled = bool(rng.random() < 0.4)
    reach = rng.uniform(2500.0, 9000.0)
    growth = rng.uniform(260.0, 520.0)
    segment = lens(wall, start, reach / 2 + 500.0, 8.0)
    profile.outgrowth = np.maximum(profile.outgrowth, growth * segment)
    total = profile.thickness + profile.outgrowth
    position = start - reach / 2
    while position < start + reach / 2:
        half = rng.uniform(160.0, 480.0)
        position += half
        island = lens(wall, position, half, 2.5)
        thick = np.minimum(total - 240.0, rng.uniform(0.9, 1.8) * half) * island
        middle = 0.5 * (profile.thickness - profile.outgrowth) + rng.uniform(-0.08, 0.08) * total
        chosen = island > 0
        band.lower = np.where(chosen, middle - thick / 2, band.lower)
        band.upper = np.where(chosen, middle + thick / 2, band.upper)
        position += half + rng.uniform(100.0, 700.0)
    _efface(wall, profile, start, reach)
    return [band]


def place_ribbon(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Dense-deposit disease: a very dark ribbon in place of the lamina densa."""
    start = site.choose(rng, wall)
    if start is None:
        return []
    half = rng.uniform(1500.0, 6000.0)
    segment = lens(wall, start, half, 10.0)
    profile.thickness = np.asarray(profile.thickness * (1.0 + 0.5 * segment), dtype=np.float32)
    sausage = np.clip(0.75 + 0.3 * smooth_walk(rng, wall.arc, 900.0), 0.0, 1.0) * segment
    middle, thick = 0.5 * profile.thickness, 0.72 * profile.thickness * sausage
    band = empty_band(Location.INTRAMEMBRANOUS, wall)
    shown = sausage > 0.2
    band.lower = np.where(shown, middle - thick / 2, 0.0).astype(np.float32)
    band.upper = np.where(shown, middle + thick / 2, band.upper).astype(np.float32)
    return [band]


def place_plaques(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Subendothelial: one or two plaques that push the endothelium into the lumen."""
    band = empty_band(Location.SUBENDOTHELIAL, wall)
    for _ in range(int(rng.integers(1, 3))):
        centre = site.choose(rng, wall, capillary=True)
        if centre is None:
            return []
        half = float(np.exp(rng.uniform(np.log(500.0), np.log(3200.0))))
        thick = rng.uniform(260.0, min(1000.0, 260.0 + half))
        plaque = lens(wall, centre, half, 4.0) * site.capillary
        waves = np.clip(1.0 + 0.25 * smooth_walk(rng, wall.arc, 700.0), 0.4, 1.5)
        profile.plaque = np.maximum(profile.plaque, thick * plaque * waves)
    shown = profile.plaque > 1.0
    band.lower = np.where(shown, profile.thickness - 30.0, 0.0).astype(np.float32)
    inner = profile.thickness + profile.plaque
    band.upper = np.where(shown, inner, band.upper).astype(np.float32)
    return [band]


def _efface(wall: Wall, profile: Profile, centre: float, reach: float) -> None:
    """Foot processes over deposits are effaced."""
    over = lens(wall, centre, 0.6 * reach + 400.0, 8.0)
    profile.effacement = np.asarray(np.maximum(profile.effacement, over), dtype=np.float32)
