"""Which deposits a field of a patient shows."""

from collections.abc import Callable

import numpy as np

from services.common.classification import Location
from services.training.phantom.bands import Band, Site
from services.training.phantom.disease import Pattern
from services.training.phantom.look import paint_deposit
from services.training.phantom.profile import Profile
from services.training.phantom.scene import Scene
from services.training.phantom.visibility import LOCATIONS
from services.training.phantom.wall import Wall
from services.training.phantom.wall_domes import place_domes, place_humps, place_islands
from services.training.phantom.wall_plaques import place_plaques, place_ribbon

Placer = Callable[[np.random.Generator, Wall, Profile, Site], list[Band]]

WALL_PLAN: dict[Pattern, tuple[tuple[Placer, float], ...]] = {
    Pattern.MESANGIAL: ((place_plaques, 0.10), (place_domes, 0.06)),
    Pattern.MEMBRANOUS: ((place_domes, 1.0),),
    Pattern.MEMBRANOUS_LATE: ((place_islands, 1.0), (place_domes, 0.3)),
    Pattern.HUMPS: ((place_humps, 1.0), (place_plaques, 0.25)),
    Pattern.DENSE_DEPOSIT: ((place_ribbon, 1.0), (place_humps, 0.1)),
    Pattern.WIRE_LOOP: ((place_plaques, 1.0),),
    Pattern.MPGN: ((place_plaques, 1.0), (place_domes, 0.15), (place_humps, 0.1)),
    Pattern.LUPUS: ((place_islands, 0.15), (place_domes, 0.5), (place_plaques, 0.5)),
}
"""Deposits of the wall by pattern, each with its probability in a field that shows any.
Islands come first: they thicken the membrane that domes stand on."""


def plan_wall_deposits(
    rng: np.random.Generator, wall: Wall, profile: Profile, site: Site, pattern: Pattern
) -> list[Band]:
    """Choose and place the deposits of the wall; the profile makes room for them."""
    bands: list[Band] = []
    for place, probability in WALL_PLAN.get(pattern, ()):
        if rng.random() < probability:
            bands += place(rng, wall, profile, site)
    return bands


def paint_bands(scene: Scene, bands: list[Band]) -> None:
    """Paint the deposits of the wall, each location's over those before it."""
    for band in bands:
        paint_deposit(scene, band.depth(scene.wall), number_of(band.location), band.look)


def number_of(location: Location) -> int:
    """What a mask holds where there is a deposit of `location`."""
    return 1 + LOCATIONS.index(location)
