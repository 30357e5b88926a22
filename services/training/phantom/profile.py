"""The membrane's faces as functions of arc length: where deposits push them."""

from dataclasses import dataclass

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.patient import Patient
from services.training.phantom.texture import Floats, smooth_walk
from services.training.phantom.wall import Wall


@dataclass
class Profile:
    """Depths along the outline, each [K] in nm; deposits change them in place."""

    thickness: Floats
    """Depth of the membrane's inner face."""
    outgrowth: Floats
    """How far the membrane has grown outwards: spikes, and rims round deposits."""
    bulge: Floats
    """How far deposits under the podocyte stand out from the outer face."""
    plaque: Floats
    """How far deposits under the endothelium stand in from the inner face."""
    interposed: Floats
    """Thickness of what grows between plaque and endothelium: a cell's arm and new membrane."""
    effacement: Floats
    """0 normal foot processes to 1 effaced, along the wall."""

    @property
    def base(self) -> Floats:
        """How far out of the outer face the foot processes stand."""
        return np.maximum(self.outgrowth, self.bulge)

    @property
    def inner(self) -> Floats:
        """Depth at which the endothelium begins."""
        return self.thickness + self.plaque + self.interposed


def draw_profile(rng: np.random.Generator, wall: Wall, patient: Patient) -> Profile:
    """The wall of a patient before any deposit is placed."""
    waves = rng.uniform(0.04, 0.16)
    thickness = patient.membrane_nm * (1.0 + waves * smooth_walk(rng, wall.arc, 1500.0))
    swing = 0.25 * smooth_walk(rng, wall.arc, 4000.0)
    return Profile(
        thickness=np.asarray(np.maximum(thickness, anatomy.GBM_LEAST_NM), dtype=np.float32),
        outgrowth=np.zeros_like(wall.arc),
        bulge=np.zeros_like(wall.arc),
        plaque=np.zeros_like(wall.arc),
        interposed=np.zeros_like(wall.arc),
        effacement=np.asarray(np.clip(patient.effacement + swing, 0.0, 1.0), dtype=np.float32),
    )


def cut_tangentially(rng: np.random.Generator, wall: Wall, profile: Profile) -> Floats:
    """Where the section meets the wall at a slant, the membrane looks broad: a mimic.

    Returns by how much, along the outline [K] in nm.
    """
    slant = smooth_walk(rng, wall.arc, 3500.0) - np.float32(rng.uniform(1.2, 2.6))
    extra = np.clip(slant, 0.0, 1.0) * np.float32(rng.uniform(*anatomy.GBM_SLANTED_NM))
    profile.thickness = np.asarray(profile.thickness + extra, dtype=np.float32)
    return np.asarray(extra, dtype=np.float32)
