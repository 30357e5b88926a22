"""The wall's coordinates against shapes whose distances are known."""

import numpy as np
import pytest

from services.training.phantom.grid import Grid
from services.training.phantom.oval import Oval
from services.training.phantom.wall import APART_NM, trace_wall


def test_depth_is_the_distance_to_the_outline_of_a_disc() -> None:
    # Given a disc of 3 um radius
    grid = Grid(220, 220, 46.0)
    disc = Oval(5000.0, 5000.0, 3000.0, 3000.0, 0.0)

    # When its wall is traced
    wall = trace_wall(disc.depth(grid.x, grid.y), grid)

    # Then depth is right to two pixels, positive inside, wherever the disc is the nearest outline
    radius = np.hypot(grid.x - 5000.0, grid.y - 5000.0)
    near = np.abs(radius - 3000.0) < 1500.0
    assert np.abs(wall.depth - (3000.0 - radius))[near].max() < 92.0


def test_normals_point_into_the_tuft() -> None:
    # Given a disc
    grid = Grid(220, 220, 46.0)
    disc = Oval(5000.0, 5000.0, 3000.0, 3000.0, 0.0)

    # When its wall is traced
    wall = trace_wall(disc.depth(grid.x, grid.y), grid)

    # Then a step along each normal of the disc's outline comes nearer to its centre
    outline = np.hypot(wall.points[:, 0] - 5000, wall.points[:, 1] - 5000) < 3500
    stepped = wall.points + 500.0 * wall.normals
    radius = np.hypot(stepped[:, 0] - 5000, stepped[:, 1] - 5000)[outline]
    assert radius == pytest.approx(2500.0, abs=80.0)


def test_arc_length_measures_the_outline() -> None:
    # Given a disc of 3 um radius
    grid = Grid(220, 220, 46.0)
    disc = Oval(5000.0, 5000.0, 3000.0, 3000.0, 0.0)

    # When its wall is traced
    wall = trace_wall(disc.depth(grid.x, grid.y), grid)

    # Then the arc is as long as the circumference
    outline = np.hypot(wall.points[:, 0] - 5000, wall.points[:, 1] - 5000) < 3500
    arc = wall.arc[outline] % APART_NM
    assert arc.max() - arc.min() == pytest.approx(2 * np.pi * 3000.0, rel=0.02)
