"""Sizes of what is drawn, in nanometres, and grey levels, with their sources.

Sources are few, and abstracts at that: "in the literature" was read in one that was not noted.
"Read off real micrographs" are the four of docs/cohort.md. "Estimate, no source" should be looked
at by a pathologist; all sizes of deposits are such. Ranges of half axes and half lengths say so.
Steps of noise, softness of edges and the like stand where they are used.

Grey levels run from 0 (first percentile of an image) to 1 (99th percentile)
and were measured on four real micrographs; they have no better source.
"""

GBM_NM = (250.0, 430.0)
"""Thickness of the basement membrane: 330 +- 50 nm men, 305 +- 45 women (Haas 2006), widened."""

GBM_LEAST_NM = 150.0
"""No thinner anywhere. Thin membranes: 121-215 nm in the literature."""

GBM_THICK_NM = (430.0, 700.0)
"""A thickened membrane, on the way to the diabetic 1,094 +- 361 nm (a study of 34 images)."""

GBM_SLANTED_NM = (500.0, 1800.0)
"""How much broader it is where the section grazes it. Estimate, no source."""

GBM_NEW_NM = (90.0, 260.0)
"""The second contour of a doubled wall. Estimate, no source."""

INTERPOSED_NM = (250.0, 800.0)
"""Thickness of a mesangial cell's arm in a doubled wall. Estimate, no source."""

INTERPOSED_HALF_NM = (1500.0, 8000.0)
"""Half its length. Estimate, no source."""

FOOT_WIDTH_NM = (350.0, 620.0)
"""Width of a foot process: median 562 nm in controls (Deegens 2008), 372 by another method."""

FOOT_WIDTH_EFFACED_NM = (1100.0, 3200.0)
"""Effaced foot processes: 1,098-3,236 nm (Deegens 2008)."""

FOOT_HEIGHT_NM = (220.0, 520.0)
"""Height of a foot process: read off real micrographs."""

FOOT_FILAMENTS_NM = (60.0, 220.0)
"""Height of the band of filaments at its base. Estimate, no source."""

SLIT_NM = (35.0, 110.0)
"""Filtration slit: 20-60 nm at the base in the literature; wider above, where it is drawn."""

PODOCYTE_CLEARANCE_NM = (150.0, 500.0)
"""Urinary space between foot processes and bodies, at the least. Estimate, no source."""

PODOCYTE_ROUND_NUCLEUS_NM = (200.0, 700.0)
"""Cytoplasm round a podocyte's nucleus. Estimate, no source."""

ENDOTHELIUM_NM = (50.0, 130.0)
"""The fenestrated sheet, beaded: 50-100 nm, partly measured on real micrographs, widened. Its
pores, 70-100 nm in the literature, are not drawn."""

ENDOTHELIUM_SWELLING_NM = (900.0, 2200.0)
"""Height of its thick parts. Estimate, no source."""

ENDOTHELIUM_WITH_NUCLEUS_NM = 650.0
"""Where it is this thick it has room for a nucleus. Estimate, no source."""

STALK_LONG_NM, STALK_SHORT_NM = (1500.0, 3400.0), (1000.0, 2100.0)
"""Half axes of a mesangial stalk: estimate, no source."""

LOOP_LONG_NM, LOOP_SHORT_NM = (2000.0, 4600.0), (1300.0, 3000.0)
"""Half axes of a capillary loop: estimate, no source."""

SEPTUM_NM = (500.0, 1500.0)
"""Mesangium between two loops of a lobule: estimate, no source."""

BETWEEN_LOBULES_NM = (150.0, 2200.0)
"""Urinary space between two lobules: estimate, no source."""

STALKS_APART_NM = (7500.0, 12_000.0)
"""Least distance of the stalks' middles: estimate, no source."""

LOBULE_UM2 = 150.0
"""Area of a field per lobule (a stalk with its loops): read off real micrographs."""

RED_CELL_NM = (2000.0, 6500.0)
"""Longer side of a red cell in section: 2-7 um, partly measured on real micrographs."""

RED_CELL_ROD_NM = (250.0, 900.0)
"""Half the thickness of one that is cut across its dimple. Estimate, no source."""

WHITE_CELL_NM = (1500.0, 3400.0)
"""Half the longer axis of a white cell. Estimate, no source."""

NUCLEUS_NM = (1600.0, 3200.0)
"""Half of the longer axis of a nucleus in section: read off real micrographs."""

MICROVILLUS_NM = (60.0, 190.0)
"""Half the width of villi and vesicles in the urinary space: read off real micrographs."""

DENSE_BODY_NM = (140.0, 620.0)
"""Half the length of lysosomes and storage bodies: 0.3-1.2 um in two real micrographs."""

PACKED_BODY_NM = (350.0, 1000.0)
"""Distance of the bodies of a cluster: 0.4-1.2 um long in a real micrograph."""

CLUSTER_NM = (500.0, 2800.0)
"""Half the width of a cluster. Estimate, no source."""

LAMELLA_NM = (50.0, 200.0)
"""Distance of the stripes of lamellar bodies, only wide ones being drawn. Estimate, no source."""

LIPID_NM = (120.0, 1300.0)
"""Half the width of lipid droplets: up to 2.6 um in a real micrograph."""

PLATELET_NM = (700.0, 1500.0)
"""Half the longer axis of a platelet: 2-3 um across. Estimate, no source."""

PLATELET_GRANULE_NM = (90.0, 190.0)
"""Half the length of its granules. Estimate, no source."""

FIBRIN_NM = (45.0, 130.0)
"""Width of fibrin strands and tactoids. Estimate, no source: the text says dense, string-like."""

FIBRIN_REACH_NM = (900.0, 2600.0)
"""Half the width of a mass of fibrin. Estimate, no source."""

HYALINE_NM = (700.0, 2200.0)
"""Half the length of an insudate, and its thickness. Estimate, no source."""

HYALINE_HOLE_NM = (70.0, 330.0)
"""Half the width of its lipid holes. Estimate, no source."""

PRECIPITATE_NM = (40.0, 240.0)
"""Half the length of stain needles and clumps: read off a real micrograph."""

DOME_HALF_NM = (150.0, 400.0)
"""Half the width of a membranous dome, before it is scaled by up to a quarter. Estimate, no source:
0.1-0.8 um wide; drawn in the upper part, to show at the model's 46 nm per pixel."""

DOME_GAP_NM = (90.0, 700.0)
"""Between two domes, where they are most crowded. Estimate, no source."""

DOMES_REACH_NM = (700.0, 14_000.0)
"""Length of a row of domes. Estimate, no source."""

HUMP_HALF_NM = (280.0, 1000.0)
"""Half the width of a hump. Estimate, no source: 0.5-3 um wide."""

ISLAND_HALF_NM = (150.0, 480.0)
"""Half the width of an island in the membrane. Estimate, no source: 0.1-1 um wide."""

ISLAND_GAP_NM = (100.0, 900.0)
"""Between two islands. Estimate, no source."""

ISLANDS_REACH_NM = (1500.0, 12_000.0)
"""Length of a row of islands. Estimate, no source."""

ISLANDS_GROWTH_NM = (200.0, 520.0)
"""How much the membrane has grown over them. Estimate, no source."""

RIBBON_HALF_NM = (1000.0, 9000.0)
"""Half the length of a dense-deposit ribbon: micrometres. Estimate, no source."""

PLAQUE_HALF_NM = (400.0, 4500.0)
"""Half the length of a subendothelial plaque. Estimate, no source: 1-10 um long."""

PLAQUE_NM = (200.0, 1000.0)
"""Its thickness. Estimate, no source: 0.2-1 um."""

MESANGIAL_HALF_NM = (220.0, 950.0)
"""Half the longer axis of a mesangial deposit. Estimate, no source: 0.2-2 um long."""

PARAMESANGIAL_NM = 1500.0
"""Deposits of IgA nephropathy lie under the membrane's reflection: so near to it are preferred.
Estimate, no source."""

FINGERPRINT_NM = (60.0, 150.0)
"""Distance of the ridges of a fingerprint pattern, only wide ones being drawn. Estimate, no
source."""

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
"""Of hyaline and of fibrin: estimates, no source."""

GREY_DEPOSIT = (0.06, 0.35)
"""0.10-0.35 is an estimate, no labelled image being available; widened towards black, as dense
deposit disease is described as very dark."""
