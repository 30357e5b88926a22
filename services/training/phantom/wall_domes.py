"""Deposits under the podocyte and within the membrane: domes with spikes, humps, islands.

Sizes are estimates (a pathologist should check them), and stand in `anatomy`.
"""

import numpy as np

from services.common.classification import Location
from services.training.phantom import anatomy
from services.training.phantom.bands import Band, Site, empty_band, lens
from services.training.phantom.look import choose_look
from services.training.phantom.profile import Profile
from services.training.phantom.texture import Floats
from services.training.phantom.wall import Wall


def place_domes(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Membranous, early: a row of domes under effaced processes, often with spikes between."""
    start = site.choose(rng, wall)
    if start is None:
        return []
    band = empty_band(Location.SUBEPITHELIAL, wall)
    band.look = choose_look(rng, (25.0, 90.0), resorbing=0.1)
    spikes = rng.uniform(0.4, 1.0) if rng.random() < 0.5 else 0.0
    crowding = rng.uniform(0.3, 1.0)
    size = rng.uniform(0.75, 1.25)
    reach = float(np.exp(rng.uniform(*np.log(anatomy.DOMES_REACH_NM))))
    face = profile.outgrowth  # domes stand on the membrane, wherever its face now is
    position = start - reach * rng.uniform(0.2, 0.5)
    stop = position + reach
    while position < stop:
        half = size * rng.uniform(*anatomy.DOME_HALF_NM)
        tall = rng.uniform(0.6, 1.3) * half
        position += half
        dome = lens(wall, position, half, rng.uniform(1.8, 3.2))
        _stand_on(profile, band, face, dome, (tall, 0.25))
        gap = rng.uniform(*anatomy.DOME_GAP_NM) / crowding
        if spikes and gap < 800.0:
            spike = lens(wall, position + half + gap / 2, gap / 2 + 60.0, 2.0)
            profile.outgrowth = np.maximum(profile.outgrowth, spikes * tall * spike)
        position += half + gap
    band.lower = -profile.bulge
    efface(wall, profile, start, reach)
    return [band]


def place_humps(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Post-infectious: one to three large rounded humps on an unchanged membrane.

    Often over the mesangial waist; they fade as they resolve (AJKD 2019).
    """
    band = empty_band(Location.SUBEPITHELIAL, wall)
    band.look = choose_look(rng, (30.0, 140.0), resorbing=0.3)
    for _ in range(int(rng.integers(1, 4))):
        waist = site.choose(rng, wall, ~site.capillary) if rng.random() < 0.5 else None
        centre = site.choose(rng, wall) if waist is None else waist
        if centre is None:
            return []
        half = rng.uniform(*anatomy.HUMP_HALF_NM)
        hump = lens(wall, centre, half, 2.2)
        _stand_on(profile, band, profile.outgrowth, hump, (half * rng.uniform(0.7, 1.4), 0.12))
        efface(wall, profile, centre, 2 * half)
    band.lower = -profile.bulge
    return [band]


def place_islands(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> list[Band]:
    """Membranous, late: islands enclosed in a thickened membrane, at times resorbing."""
    start = site.choose(rng, wall)
    if start is None:
        return []
    band = empty_band(Location.INTRAMEMBRANOUS, wall)
    band.look = choose_look(rng, (25.0, 110.0), resorbing=0.5)
    reach = rng.uniform(*anatomy.ISLANDS_REACH_NM)
    growth = rng.uniform(*anatomy.ISLANDS_GROWTH_NM)
    segment = lens(wall, start, reach / 2 + 500.0, 8.0)
    profile.outgrowth = np.maximum(profile.outgrowth, growth * segment)
    total = profile.thickness + profile.outgrowth
    position = start - reach / 2
    while position < start + reach / 2:
        half = rng.uniform(*anatomy.ISLAND_HALF_NM)
        position += half
        island = lens(wall, position, half, 2.5)
        thick = np.minimum(total - 220.0, rng.uniform(0.8, 1.8) * half) * island
        middle = 0.5 * (profile.thickness - profile.outgrowth) + rng.uniform(-0.08, 0.08) * total
        chosen = island > 0
        band.lower = np.where(chosen, middle - thick / 2, band.lower)
        band.upper = np.where(chosen, middle + thick / 2, band.upper)
        position += half + rng.uniform(*anatomy.ISLAND_GAP_NM)
    efface(wall, profile, start, reach)
    return [band]


def _stand_on(
    profile: Profile, band: Band, face: Floats, bump: Floats, size: tuple[float, float]
) -> None:
    """Set a deposit of shape `bump` [K] on the outer face, `face` nm outside of depth 0.

    `size`: its height in nm, and how deep it sinks in, as a share of the
    membrane's thickness; never deeper than a quarter of its height.
    """
    tall, share = size
    shown = bump > 0
    sunk = np.minimum(share * profile.thickness, 0.25 * tall) * bump
    profile.bulge = np.where(shown, np.maximum(profile.bulge, face + tall * bump), profile.bulge)
    band.upper = np.where(shown, sunk - face, band.upper)


def efface(wall: Wall, profile: Profile, centre: float, reach: float) -> None:
    """Foot processes over deposits are effaced."""
    over = lens(wall, centre, 0.6 * reach + 400.0, 8.0)
    profile.effacement = np.asarray(np.maximum(profile.effacement, over), dtype=np.float32)
