"""One drawn patient: disease pattern, anatomy and staining that all of his fields share."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.microscope import Microscope, choose_microscope


class Pattern(StrEnum):
    """What a patient's deposits look like and where they lie."""

    NORMAL = "normal"
    EFFACED = "effaced"
    MESANGIAL = "mesangial"
    MEMBRANOUS = "membranous"
    MEMBRANOUS_LATE = "membranous-late"
    HUMPS = "humps"
    DENSE_DEPOSIT = "dense-deposit"
    WIRE_LOOP = "wire-loop"
    LUPUS = "lupus"


PREVALENCE: dict[Pattern, float] = {
    Pattern.NORMAL: 0.20,
    Pattern.EFFACED: 0.08,
    Pattern.MESANGIAL: 0.22,
    Pattern.MEMBRANOUS: 0.12,
    Pattern.MEMBRANOUS_LATE: 0.09,
    Pattern.HUMPS: 0.06,
    Pattern.DENSE_DEPOSIT: 0.05,
    Pattern.WIRE_LOOP: 0.09,
    Pattern.LUPUS: 0.09,
}
"""Share of patients. Deposits show in a little over half of all fields."""

EFFACED_SHARE = 0.45
"""Share of walls with effaced foot processes where the pattern does not settle it."""


@dataclass(frozen=True)
class Greys:
    """Grey levels of one patient's section, 0 black to 1 white."""

    urinary: float
    plasma: float
    membrane: float
    cytoplasm: float
    foot: float
    red_cell: float
    chromatin: float
    inclusion: float
    deposit: float


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
    microscope: Microscope

    @classmethod
    def draw(cls, seed: int, number: int, pattern: Pattern | None = None) -> "Patient":
        """The patient `number` of the population `seed`; the same one on every call."""
        rng = np.random.default_rng([seed, number])
        shares = np.array(list(PREVALENCE.values()))
        drawn = list(PREVALENCE)[int(rng.choice(len(shares), p=shares / shares.sum()))]
        pattern = drawn if pattern is None else pattern
        thick = rng.random() < 0.18
        return cls(
            seed=seed,
            number=number,
            pattern=pattern,
            membrane_nm=rng.uniform(*(anatomy.GBM_THICK_NM if thick else anatomy.GBM_NM)),
            effacement=_effacement(rng, pattern),
            clear_share=rng.uniform(0.05, 0.3),
            greys=_choose_greys(rng),
            microscope=choose_microscope(rng),
        )

    @property
    def contrast(self) -> float:
        """How much darker than the membrane a deposit comes out in this patient's images, 0..1."""
        microscope = self.microscope
        return (self.greys.membrane - self.greys.deposit) * (microscope.bright - microscope.dark)

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


def _choose_greys(rng: np.random.Generator) -> Greys:
    membrane = rng.uniform(*anatomy.GREY_GBM)
    pale = rng.random() < 0.25
    return Greys(
        urinary=rng.uniform(*anatomy.GREY_URINARY),
        plasma=rng.uniform(*anatomy.GREY_PLASMA),
        membrane=membrane,
        cytoplasm=rng.uniform(*anatomy.GREY_CYTOPLASM),
        foot=rng.uniform(*(anatomy.GREY_FOOT_PALE if pale else anatomy.GREY_FOOT)),
        red_cell=rng.uniform(*anatomy.GREY_RED_CELL),
        chromatin=rng.uniform(*anatomy.GREY_CHROMATIN),
        inclusion=rng.uniform(*anatomy.GREY_INCLUSION),
        deposit=max(membrane - rng.uniform(*anatomy.DEPOSIT_CONTRAST), 0.06),
    )
