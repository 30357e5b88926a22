"""One drawn patient: disease pattern, anatomy and staining that all of his fields share."""

from dataclasses import dataclass

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.disease import PREVALENCE, THICK, USUAL_THICK, Pattern
from services.training.phantom.microscope import Microscope, choose_microscope
from services.training.phantom.visibility import lightest_visible

EFFACED_SHARE = 0.45
"""Share of walls with effaced foot processes where the pattern does not settle it."""


@dataclass(frozen=True)
class Greys:
    """Grey levels of one patient's section, 0 black to 1 white, drawn independently.

    Within the measured ranges their order is left to chance, so that no model
    learns that, say, foot processes are darker than deposits.
    """

    urinary: float
    plasma: float
    membrane: float
    cytoplasm: float
    """Of podocytes."""
    mesangial: float
    """Cytoplasm of mesangial cells."""
    endothelial: float
    foot: float
    red_cell: float
    chromatin: float
    deposit: float


@dataclass(frozen=True)
class Style:
    """How a section looks that has nothing to do with disease: a model must not rely on it."""

    roughness: float
    """Share of finer structure in every texture."""
    raggedness: float
    """How strongly outlines stray from a smooth line; 1 is usual."""
    edge_nm: float
    """Width of edges: section thickness and obliquity."""
    grain: float
    """Strength of the granularity of cytoplasm; 1 is usual."""
    plasma: float
    """Strength of the plasma's texture."""
    plasma_nm: float
    """Its scale: from fine grains to a coarse net."""
    outline: float
    """How much darker cells' outlines are than their inside."""
    rara: float
    """How much lighter the faces of the membrane are than its middle."""


@dataclass(frozen=True)
class Patient:
    """What the fields of one patient have in common."""

    seed: int
    number: int
    pattern: Pattern
    membrane_nm: float
    effacement: float
    """0 normal foot processes to 1 wholly effaced."""
    clear_share: float
    """Share of this patient's fields in which no deposit is placed."""
    greys: Greys
    style: Style
    microscope: Microscope

    @classmethod
    def draw(cls, seed: int, number: int, pattern: Pattern | None = None) -> "Patient":
        """The patient `number` of the population `seed`; the same one on every call."""
        rng = np.random.default_rng([seed, number])
        shares = np.array(list(PREVALENCE.values()))
        drawn = list(PREVALENCE)[int(rng.choice(len(shares), p=shares / shares.sum()))]
        pattern = drawn if pattern is None else pattern
        thick = rng.random() < THICK.get(pattern, USUAL_THICK)
        microscope = choose_microscope(rng)
        return cls(
            seed=seed,
            number=number,
            pattern=pattern,
            membrane_nm=rng.uniform(*(anatomy.GBM_THICK_NM if thick else anatomy.GBM_NM)),
            effacement=_effacement(rng, pattern),
            clear_share=rng.uniform(0.05, 0.3),
            greys=_choose_greys(rng, microscope),
            style=_choose_style(rng),
            microscope=microscope,
        )

    def field_rng(self, field: int) -> np.random.Generator:
        """The random numbers of one field of this patient."""
        return np.random.default_rng([self.seed, self.number, 1 + field])


def _effacement(rng: np.random.Generator, pattern: Pattern) -> float:
    """Deposits under the podocyte come with effaced foot processes; others may."""
    if pattern is Pattern.EFFACED:
        return float(rng.uniform(0.7, 1.0))
    if pattern in (Pattern.MEMBRANOUS, Pattern.MEMBRANOUS_LATE):
        return float(rng.uniform(0.5, 1.0))
    return float(rng.uniform(0.3, 0.9) if rng.random() < EFFACED_SHARE else rng.uniform(0, 0.3))


def _choose_greys(rng: np.random.Generator, microscope: Microscope) -> Greys:
    membrane = rng.uniform(*anatomy.GREY_GBM)
    pale = rng.random() < 0.3
    wanted = rng.uniform(*anatomy.GREY_DEPOSIT)
    return Greys(
        urinary=rng.uniform(*anatomy.GREY_URINARY),
        plasma=rng.uniform(*anatomy.GREY_PLASMA),
        membrane=membrane,
        cytoplasm=rng.uniform(*anatomy.GREY_CYTOPLASM),
        mesangial=rng.uniform(*anatomy.GREY_CYTOPLASM),
        endothelial=rng.uniform(*anatomy.GREY_CYTOPLASM),
        foot=rng.uniform(*(anatomy.GREY_FOOT_PALE if pale else anatomy.GREY_FOOT)),
        red_cell=rng.uniform(*anatomy.GREY_RED_CELL),
        chromatin=rng.uniform(*anatomy.GREY_CHROMATIN),
        deposit=min(wanted, lightest_visible(membrane, microscope)),
    )


def _choose_style(rng: np.random.Generator) -> Style:
    return Style(
        roughness=rng.uniform(0.0, 0.8),
        raggedness=rng.uniform(0.2, 2.0),
        edge_nm=float(np.exp(rng.uniform(np.log(10.0), np.log(75.0)))),
        grain=float(np.exp(rng.uniform(np.log(0.3), np.log(1.8)))),
        plasma=rng.uniform(0.005, 0.09),
        plasma_nm=float(np.exp(rng.uniform(np.log(45.0), np.log(320.0)))),
        outline=rng.uniform(0.0, 0.28),
        rara=rng.uniform(0.0, 0.11),
    )
