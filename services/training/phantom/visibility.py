"""When a deposit is one: the label rule, and the least contrast that an eye can find."""

import numpy as np

from services.common.classification import Location
from services.training.phantom.microscope import Microscope
from services.training.phantom.texture import Labels

LOCATIONS = tuple(Location)

MIN_VISIBLE_UM2 = 0.03
"""A location counts where at least this area of it shows: a disc of 0.2 um, 14 pixels of 46 nm."""

LEAST_SHARE = 0.16
"""Least contrast of membrane and deposit, as a share of the range from plasma's grey to black.

A choice: with contrasts drawn below it, people who draw and know the place look twice.
"""

ROSE = 5.0
"""Contrast over noise, averaged over the object, from which an object is found (Rose 1948)."""

PLASMA = 0.8
COARSE_PIXEL_NM = 30.0
"""The coarsest pixel of the drawn cohort, on which the noise averages out least."""


def visible_locations(mask: Labels, pixel_size_nm: float) -> tuple[bool, ...]:
    """The label rule: which locations show at least MIN_VISIBLE_UM2 in a mask [H, W]."""
    counts = np.bincount(mask.ravel(), minlength=1 + len(LOCATIONS))[1:]
    areas = counts * (pixel_size_nm / 1000.0) ** 2
    return tuple(bool(area >= MIN_VISIBLE_UM2) for area in areas)


def lightest_visible(membrane: float, microscope: Microscope) -> float:
    """The lightest grey at which a deposit in a membrane of grey `membrane` is still visible.

    In the image, the smallest deposit that counts must differ from the membrane by LEAST_SHARE of
    the image's range, and by ROSE times the deviation of the noise averaged over its area.
    """
    diameter_nm = 2000.0 * np.sqrt(MIN_VISIBLE_UM2 / np.pi)
    grain_nm = 2.5 * microscope.noise_px * COARSE_PIXEL_NM
    averaged = microscope.noise * min(1.0, grain_nm / diameter_nm)
    spread = float(microscope.respond(PLASMA) - microscope.respond(0.0))
    least = max(LEAST_SHARE * spread, ROSE * averaged)
    greys = np.linspace(membrane, 0.02, 60)
    enough = microscope.respond(membrane) - microscope.respond(greys) >= least
    if not enough.any():
        raise ValueError(f"no grey is visible in a membrane of {membrane:.2f}. This is a bug.")
    return float(greys[int(np.argmax(enough))])
