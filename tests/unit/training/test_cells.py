"""A nucleus with a dark rim looks like a deposit, and is listed where the field shows it."""

import numpy as np
import pytest

from services.training.phantom import Patient
from services.training.phantom.cells import RIM_CONTRAST, paint_nucleus
from services.training.phantom.grid import Grid
from services.training.phantom.oval import Oval
from services.training.phantom.profile import draw_profile
from services.training.phantom.scene import Scene
from services.training.phantom.tuft import draw_tuft
from services.training.phantom.wall import trace_wall

SEEDS = range(40)
RIM = "nuclear-rims"


def scene_with_nucleus(seed: int, x: float) -> Scene:
    """A grey field of 8 um with a nucleus at a height of 4 um."""
    rng = np.random.default_rng(seed)
    grid = Grid(200, 200, 40.0)
    tuft = draw_tuft(rng, grid)
    wall = trace_wall(tuft.inside, grid)
    patient = Patient.draw(1, seed)
    canvas = np.full(grid.shape, 0.5, np.float32)
    labels = np.zeros(grid.shape, np.uint8)
    scene = Scene(rng, grid, patient, tuft, wall, draw_profile(rng, wall, patient), canvas, labels)
    paint_nucleus(scene, Oval(x, 4000.0, 2600.0, 2200.0, 0.0), np.full(grid.shape, 1e5, np.float32))
    return scene


def test_a_rim_that_shows_is_a_mimic() -> None:
    # Given nuclei in the middle of fields
    scenes = [scene_with_nucleus(seed, 4000.0) for seed in SEEDS]

    # When those are taken that list a rim
    rims = [scene for scene in scenes if RIM in scene.mimics]

    # Then they are some of them, and the nucleus is dark here and pale there
    assert 10 < len(rims) < len(scenes)
    for scene in rims:
        inside = scene.canvas[scene.depth_in(Oval(4000.0, 4000.0, 2600.0, 2200.0, 0.0)) > 0]
        low, high = np.percentile(inside, [2, 98])
        assert high - low > 0.8 * RIM_CONTRAST


@pytest.mark.parametrize("x", [-700.0 - 2600.0, 8700.0 + 2600.0])
def test_a_rim_outside_of_the_field_is_none(x: float) -> None:
    # Given nuclei that reach into the margin, and not into the field
    # When they are painted
    # Then no mimic is listed
    assert not any(scene_with_nucleus(seed, x).mimics for seed in SEEDS)
