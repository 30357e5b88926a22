"""Where deposits of the wall lie: on the membrane's face, or within it."""

import numpy as np
import pytest

from services.training.phantom import Patient, Pattern
from services.training.phantom.bands import find_sites
from services.training.phantom.deposits import Placer
from services.training.phantom.grid import Grid
from services.training.phantom.profile import Profile, draw_profile
from services.training.phantom.tuft import draw_tuft
from services.training.phantom.wall import Wall, trace_wall
from services.training.phantom.wall_domes import place_domes, place_humps, place_islands


def draw_wall(seed: int) -> tuple[np.random.Generator, Wall, Profile, Grid]:
    """A wall that carries islands of late membranous disease."""
    rng = np.random.default_rng(seed)
    grid = Grid(240, 240, 40.0)
    wall = trace_wall(draw_tuft(rng, grid).inside, grid)
    patient = Patient.draw(seed, 1, Pattern.MEMBRANOUS_LATE)
    return rng, wall, draw_profile(rng, wall, patient), grid


@pytest.mark.parametrize("place", [place_domes, place_humps])
def test_domes_and_humps_stand_on_the_membrane_even_where_it_has_grown(
    place: Placer,
) -> None:
    found = 0
    for seed in range(12):
        # Given a wall with islands, which make the membrane grow outwards
        rng, wall, profile, grid = draw_wall(seed)
        site = find_sites(wall, profile, draw_tuft(np.random.default_rng(seed), grid), grid)
        place_islands(rng, wall, profile, site)
        face = -profile.outgrowth.copy()

        # When domes or humps are set on it
        for band in place(rng, wall, profile, site):
            shown = band.upper > band.lower + 1.0

            # Then at least three quarters of each lie outside the membrane, on its face
            outside = np.clip(face - band.lower, 0.0, None)[shown]
            assert (outside >= 0.74 * (band.upper - band.lower)[shown]).mean() > 0.98
            found += int(shown.any())
    assert found > 3


def test_islands_lie_between_the_membranes_faces() -> None:
    for seed in range(8):
        # Given a wall
        rng, wall, profile, grid = draw_wall(seed)
        site = find_sites(wall, profile, draw_tuft(np.random.default_rng(seed), grid), grid)

        # When islands are placed
        for band in place_islands(rng, wall, profile, site):
            shown = band.upper > band.lower + 1.0

            # Then they are enclosed
            assert (band.lower >= -profile.outgrowth)[shown].mean() > 0.98
            assert (band.upper <= profile.thickness)[shown].mean() > 0.98
