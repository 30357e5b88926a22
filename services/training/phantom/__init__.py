"""Drawn electron micrographs of the glomerular capillary wall, with exact truth.

No public set of micrographs with deposit labels exists, so the network learns
from drawings. `draw_field` is the way in.
"""

from services.training.phantom.disease import Pattern
from services.training.phantom.field import Field, draw_field
from services.training.phantom.patient import Patient

DRAWING_VERSION = 2
"""Counts changes that draw other pixels from the same seed."""

__all__ = ["DRAWING_VERSION", "Field", "Patient", "Pattern", "draw_field"]
