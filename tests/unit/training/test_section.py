"""Damage to a section takes what it hides out of the truth."""

import numpy as np
import pytest

from services.training.phantom import Patient, Pattern
from services.training.phantom import section as damages
from services.training.phantom.grid import Grid
from services.training.phantom.profile import draw_profile
from services.training.phantom.scene import Scene
from services.training.phantom.tuft import draw_tuft
from services.training.phantom.wall import trace_wall


def covered_scene(seed: int) -> Scene:
    """A grey field that is deposit everywhere."""
    rng = np.random.default_rng(seed)
    grid = Grid(200, 200, 40.0)
    tuft = draw_tuft(rng, grid)
    wall = trace_wall(tuft.inside, grid)
    patient = Patient.draw(1, 1, Pattern.MESANGIAL)
    canvas = np.full(grid.shape, 0.5, np.float32)
    labels = np.ones(grid.shape, np.uint8)
    return Scene(rng, grid, patient, tuft, wall, draw_profile(rng, wall, patient), canvas, labels)


@pytest.mark.parametrize("name", ["tear", "hole", "fold", "precipitate"])
def test_what_covers_a_deposit_removes_it_from_the_truth(name: str) -> None:
    # Given fields full of deposit
    apply = {known: function for known, _, function in damages.DAMAGES}[name]

    for seed in range(5):
        scene = covered_scene(seed)

        # When the section is damaged
        apply(scene)

        # Then something is gone, white and black are no deposit, and what stayed grey still is
        assert not scene.labels.all()
        assert not scene.labels[np.abs(scene.canvas - 0.5) > 0.42].any()
        assert scene.labels[scene.canvas == 0.5].all()


@pytest.mark.parametrize("name", ["chatter", "knife-marks", "smudge"])
def test_what_shines_through_leaves_the_truth(name: str) -> None:
    # Given a field full of deposit
    apply = {known: function for known, _, function in damages.DAMAGES}[name]
    scene = covered_scene(3)

    # When the section is marked
    apply(scene)

    # Then the picture has changed and the truth has not
    assert (scene.canvas != 0.5).any()
    assert scene.labels.all()
