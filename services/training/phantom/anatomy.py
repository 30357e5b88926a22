"""Sizes of the capillary wall in nanometres, and grey levels, with their sources.

Grey levels run from 0 (first percentile of an image) to 1 (99th percentile)
and were measured on four real micrographs; they have no better source.
"""

GBM_NM = (250.0, 430.0)
"""Thickness of the basement membrane: 330 +- 50 nm men, 305 +- 45 women (Haas 2006), widened."""

GBM_THICK_NM = (430.0, 700.0)
"""A thickened membrane, on the way to the diabetic 1,094 +- 361 nm."""

FOOT_WIDTH_NM = (350.0, 620.0)
"""Width of a foot process: median 562 nm in controls, 372 nm by another method."""

FOOT_WIDTH_EFFACED_NM = (1100.0, 3200.0)
"""Effaced foot processes: 1,098-3,236 nm (Deegens 2008)."""

FOOT_HEIGHT_NM = (220.0, 520.0)
"""Height of a foot process: read off real micrographs."""

SLIT_NM = (35.0, 110.0)
"""Filtration slit: 20-60 nm at the base, wider above, where the drawing shows it."""

ENDOTHELIUM_NM = (50.0, 130.0)
"""The fenestrated sheet: 50-100 nm, beaded."""

FENESTRA_NM = (70.0, 110.0)
"""Gap of the sheet: 70-100 nm."""

RED_CELL_NM = (2000.0, 6500.0)
"""Longer side of a red cell in section: 2-7 um."""

NUCLEUS_NM = (1600.0, 3200.0)
"""Half of the longer axis of a nucleus in section: read off real micrographs."""

GREY_URINARY = (0.82, 0.95)
GREY_PLASMA = (0.68, 0.90)
GREY_GBM = (0.42, 0.62)
GREY_CYTOPLASM = (0.32, 0.64)
GREY_FOOT = (0.10, 0.34)
GREY_FOOT_PALE = (0.34, 0.56)
"""Foot processes as light as cytoplasm: one of four real micrographs."""
GREY_RED_CELL = (0.04, 0.20)
GREY_CHROMATIN = (0.0, 0.25)
GREY_INCLUSION = (0.02, 0.22)

DEPOSIT_CONTRAST = (0.17, 0.38)
"""How much darker than the membrane a deposit is. An estimate: no labelled image was available."""
