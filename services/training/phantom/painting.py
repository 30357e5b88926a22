"""The order in which a field is painted: from the outside in, then deposits, then dirt."""

from dataclasses import dataclass

import numpy as np

from services.common.classification import Location
from services.training.phantom.bands import find_sites
from services.training.phantom.blood import paint_blood
from services.training.phantom.deposits import number_of, paint_bands, plan_wall_deposits
from services.training.phantom.disease import MESANGIAL, Pattern
from services.training.phantom.grid import Grid
from services.training.phantom.hyaline import paint_fibrin, paint_hyaline, place_hyaline
from services.training.phantom.inclusions import paint_inclusions
from services.training.phantom.look import choose_look, paint_deposit
from services.training.phantom.lumen import paint_lumen
from services.training.phantom.membrane import (
    interpose,
    paint_interposition,
    paint_membrane,
    stalk_depth,
)
from services.training.phantom.mesangial_deposits import free_of_deposits, place_mesangial
from services.training.phantom.mesangium import paint_mesangium
from services.training.phantom.patient import Patient
from services.training.phantom.podocyte import paint_urinary_side
from services.training.phantom.profile import cut_tangentially, draw_profile
from services.training.phantom.scene import Scene
from services.training.phantom.section import damage
from services.training.phantom.texture import Floats, Labels, within
from services.training.phantom.tuft import draw_tuft
from services.training.phantom.wall import trace_wall

TANGENTIAL_SHARE = 0.35
INTERPOSED: dict[Pattern, float] = {Pattern.MPGN: 0.8, Pattern.LUPUS: 0.15}
"""Probability of a doubled wall in a field."""


@dataclass(frozen=True)
class Painting:
    """A painted canvas, margin included."""

    image: Floats
    """[H, W], greys 0 to 1."""
    labels: Labels
    """[H, W], 0 or 1 + the index of the location of the deposit that shows."""
    artefacts: tuple[str, ...]
    mimics: tuple[str, ...]


def paint(rng: np.random.Generator, grid: Grid, patient: Patient) -> Painting:
    """Paint a field of a patient."""
    tuft = draw_tuft(rng, grid)
    wall = trace_wall(tuft.inside, grid)
    profile = draw_profile(rng, wall, patient)
    slanted = rng.random() < TANGENTIAL_SHARE
    tangential = cut_tangentially(rng, wall, profile) if slanted else None
    site = find_sites(wall, profile, tuft, grid)
    shows = bool(rng.random() >= patient.clear_share)
    bands = plan_wall_deposits(rng, wall, profile, site, patient.pattern) if shows else []
    if rng.random() < INTERPOSED.get(patient.pattern, 0.0):
        interpose(rng, wall, profile, site)
    insudate = place_hyaline(rng, wall, profile, site, patient.pattern)
    canvas, labels = np.empty(grid.shape, np.float32), np.zeros(grid.shape, np.uint8)
    scene = Scene(rng, grid, patient, tuft, wall, profile, canvas, labels)
    if tangential is not None:
        scene.note_mimic("tangential-membrane", within(wall.along(tangential) - 200.0, wall.depth))
    bodies = paint_urinary_side(scene)
    paint_membrane(scene)
    mesangial = _paint_tuft(scene, bodies, shows)
    if insudate is not None:
        paint_hyaline(scene, insudate)
    paint_bands(scene, bands)
    if mesangial is not None:
        look = choose_look(rng, (60.0, 200.0), resorbing=0.05)
        paint_deposit(scene, mesangial, number_of(Location.MESANGIAL), look)
    damage(scene)
    return Painting(canvas, labels, tuple(scene.artefacts), tuple(sorted(scene.mimics)))


def _paint_tuft(scene: Scene, bodies: Floats, shows: bool) -> Floats | None:
    """Everything inside the membrane, and what lies in cells; the mesangial deposits' depth."""
    stalk = stalk_depth(scene)
    wanted = shows and scene.rng.random() < MESANGIAL.get(scene.patient.pattern, 0.0)
    deposits = place_mesangial(scene, stalk) if wanted else None
    cells = paint_mesangium(scene, free_of_deposits(stalk, deposits))
    endothelium, lumen = paint_lumen(scene)
    paint_interposition(scene)
    paint_blood(scene, lumen)
    paint_fibrin(scene, lumen)
    for cytoplasm in (bodies, cells, endothelium):
        paint_inclusions(scene, cytoplasm)
    return deposits
