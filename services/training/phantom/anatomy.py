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

MICROVILLUS_NM = (60.0, 190.0)
"""Half the width of villi and vesicles in the urinary space: read off real micrographs."""

DENSE_BODY_NM = (140.0, 620.0)
"""Half the length of lysosomes and storage bodies: 0.3-1.2 um in two real micrographs."""

LIPID_NM = (120.0, 1300.0)
"""Half the width of lipid droplets: up to 2.6 um in a real micrograph."""

PLATELET_NM = (700.0, 1500.0)
"""Half the longer axis of a platelet: 2-3 um across. An estimate."""

FIBRIN_NM = (45.0, 130.0)
"""Width of fibrin strands and tactoids. An estimate; the text only says dense and string-like."""

PRECIPITATE_NM = (40.0, 240.0)
"""Half the length of stain needles and clumps: read off a real micrograph."""

GREY_URINARY = (0.82, 0.96)
GREY_PLASMA = (0.66, 0.92)
GREY_GBM = (0.40, 0.64)
GREY_CYTOPLASM = (0.30, 0.66)
GREY_FOOT = (0.08, 0.30)
GREY_FOOT_PALE = (0.30, 0.58)
"""Foot processes as light as cytoplasm: one of four real micrographs."""
GREY_RED_CELL = (0.03, 0.22)
GREY_CHROMATIN = (0.0, 0.28)
GREY_INCLUSION = (0.0, 0.34)
"""Measured at 0.12; from black to a third within one cell of a real micrograph."""
GREY_HYALINE = (0.24, 0.48)
GREY_FIBRIN = (0.05, 0.30)

GREY_DEPOSIT = (0.06, 0.35)
"""0.10-0.35 is an estimate, no labelled image being available; widened towards black, as dense
deposit disease is described as very dark."""
