"""Disease patterns of the drawn population, how common they are, and what they deposit where."""

from enum import StrEnum


class Pattern(StrEnum):
    """What a patient's deposits look like and where they lie; the first five have none."""

    NORMAL = "normal"
    EFFACED = "effaced"
    DIABETIC = "diabetic"
    STORAGE = "storage"
    THROMBOTIC = "thrombotic"
    MESANGIAL = "mesangial"
    MEMBRANOUS = "membranous"
    MEMBRANOUS_LATE = "membranous-late"
    HUMPS = "humps"
    DENSE_DEPOSIT = "dense-deposit"
    WIRE_LOOP = "wire-loop"
    MPGN = "mpgn"
    LUPUS = "lupus"


PREVALENCE: dict[Pattern, float] = {
    Pattern.NORMAL: 0.10,
    Pattern.EFFACED: 0.07,
    Pattern.DIABETIC: 0.06,
    Pattern.STORAGE: 0.06,
    Pattern.THROMBOTIC: 0.05,
    Pattern.MESANGIAL: 0.22,
    Pattern.MEMBRANOUS: 0.10,
    Pattern.MEMBRANOUS_LATE: 0.08,
    Pattern.HUMPS: 0.05,
    Pattern.DENSE_DEPOSIT: 0.04,
    Pattern.WIRE_LOOP: 0.04,
    Pattern.MPGN: 0.04,
    Pattern.LUPUS: 0.09,
}
"""Share of patients. A choice, not a statistic of a clinic: each location is to be common enough
to learn and to test, and about half of all fields show a deposit."""

MESANGIAL: dict[Pattern, float] = {
    Pattern.MESANGIAL: 1.0,
    Pattern.MEMBRANOUS: 0.08,
    Pattern.HUMPS: 0.35,
    Pattern.DENSE_DEPOSIT: 0.3,
    Pattern.WIRE_LOOP: 0.5,
    Pattern.MPGN: 0.5,
    Pattern.LUPUS: 0.8,
}
"""Probability of mesangial deposits in a field that shows any. Extensive subendothelial ones come
with mesangial ones in lupus (Dujovne 1972); capillary ones in 16 % of IgA cases (1996)."""

INCLUSIONS: dict[Pattern, float] = {Pattern.STORAGE: 0.9}
"""Probability that a field's cells hold clusters of dense bodies, as in Fabry's disease."""
USUAL_INCLUSIONS = 0.18

FIBRIN: dict[Pattern, float] = {Pattern.THROMBOTIC: 0.75, Pattern.LUPUS: 0.2}
USUAL_FIBRIN = 0.06

HYALINE: dict[Pattern, float] = {Pattern.DIABETIC: 0.5, Pattern.THROMBOTIC: 0.25}
USUAL_HYALINE = 0.06

THICK: dict[Pattern, float] = {Pattern.DIABETIC: 1.0}
USUAL_THICK = 0.15
"""Share of patients with a thickened membrane."""
