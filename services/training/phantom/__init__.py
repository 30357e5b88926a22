"""Drawn electron micrographs of the glomerular capillary wall, with exact truth.

No public set of micrographs with deposit labels exists, so the network learns
from drawings. `draw_field` is the way in.
"""

from services.training.phantom.field import Field, draw_field
from services.training.phantom.patient import Patient, Pattern

__all__ = ["Field", "Patient", "Pattern", "draw_field"]
