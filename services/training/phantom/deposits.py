"""Which deposits a field of a patient shows, and how they are painted with their mask."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from services.common.classification import Location
from services.training.phantom.bands import Band, Site
from services.training.phantom.patient import Pattern
from services.training.phantom.profile import Profile
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats
from services.training.phantom.wall import Wall
from services.training.phantom.wall_deposits import (
    place_domes,
    place_humps,
    place_islands,
    place_plaques,
    place_ribbon,
)

Placer = Callable[[np.random.Generator, Wall, Profile, Site], list[Band]]

WALL_PLAN: dict[Pattern, tuple[tuple[Placer, float], ...]] = {
    Pattern.NORMAL: (),
    Pattern.EFFACED: (),
    Pattern.MESANGIAL: ((place_plaques, 0.12),),
    Pattern.MEMBRANOUS: ((place_domes, 1.0),),
    Pattern.MEMBRANOUS_LATE: ((place_islands, 1.0), (place_domes, 0.3)),
    Pattern.HUMPS: ((place_humps, 1.0), (place_plaques, 0.25)),
    Pattern.DENSE_DEPOSIT: ((place_ribbon, 1.0), (place_humps, 0.1)),
    Pattern.WIRE_LOOP: ((place_plaques, 1.0),),
    Pattern.LUPUS: ((place_domes, 0.5), (place_plaques, 0.5), (place_islands, 0.15)),
}
"""Deposits of the wall by pattern, each with its probability in a field that shows any."""

MESANGIAL_PLAN: dict[Pattern, float] = {
    Pattern.MESANGIAL: 1.0,
    Pattern.MEMBRANOUS: 0.08,
    Pattern.HUMPS: 0.35,
    Pattern.DENSE_DEPOSIT: 0.3,
    Pattern.WIRE_LOOP: 0.5,
    Pattern.LUPUS: 0.8,
}
"""Probability of mesangial deposits. Extensive subendothelial ones come with mesangial
ones in lupus (Dujovne 1972)."""

LOCATIONS = tuple(Location)


def plan_wall_deposits(
    rng: np.random.Generator, wall: Wall, profile: Profile, site: Site, pattern: Pattern
) -> list[Band]:
    """Choose and place the deposits of the wall; the profile makes room for them."""
    bands: list[Band] = []
    for place, probability in WALL_PLAN[pattern]:
        if rng.random() < probability:
            bands += place(rng, wall, profile, site)
    return bands


def paint_deposit(
    scene: Scene, mask: NDArray[np.uint8], depth: Floats, location: Location, mottled: bool = False
) -> None:
    """Paint where `depth` (nm) is positive; `mask` gets 1 + the location's index there."""
    greys = scene.patient.greys
    ragged = depth + 18.0 * scene.noise(150.0)
    soft = 130.0 if location is Location.MESANGIAL else 60.0
    grey = greys.deposit + 0.025 * scene.noise(60.0)
    if mottled:
        spots = scene.noise(220.0)
        lucent = greys.membrane + 0.1 - grey
        grey = grey + lucent * np.clip((spots - 0.6) * 1.5, 0.0, 0.8)
    scene.fill(grey, ragged, softness=max(soft / scene.pixel, 1.6))
    mask[ragged > 0] = 1 + LOCATIONS.index(location)
