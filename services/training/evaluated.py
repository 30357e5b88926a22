"""Truth and answers of micrographs: what a report is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.training.bootstrap import DRAWS, PatientBootstrap
from services.training.manifest import LABELS, Record, Truth, truth_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a model said about N micrographs."""

    name: str
    thresholds: dict[str, float]
    records: Sequence[Record]
    probabilities: Floats
    """[N, 5] in the order of LABELS."""
    uncalibrated: Floats | None
    """[N, 5] the same before calibration; None where that is not known."""
    hits: Floats
    """[N, 5]: 1 where the heat map points at the deposit, 0 where not, NaN without a mask of it."""
    chances: Floats
    """[N, 5]: how probable such a hit would be by chance; NaN likewise."""
    tolerances_nm: Floats
    """[N]: how far from the deposit still is a hit; NaN where not looked at."""
    pixel_sizes_nm: Sequence[float | None]
    """As the manifest or the file states it."""
    about: dict[str, Any] = field(default_factory=dict)
    """What else is known about the model."""
    draws: int = DRAWS
    """Bootstrap draws of patients."""

    @cached_property
    def truth(self) -> Truth:
        """Labels as arrays [N, 5]."""
        return truth_of([record.labels for record in self.records])

    @cached_property
    def calls(self) -> NDArray[np.bool_]:
        """[N, 5] as a service calls them: a location only where presence is called, too."""
        limits = np.array([self.thresholds[label] for label in LABELS])
        calls: NDArray[np.bool_] = self.probabilities >= limits
        calls[:, 1:] &= calls[:, :1]
        return calls

    @cached_property
    def bootstrap(self) -> PatientBootstrap:
        """The draws all intervals of this evaluation share."""
        return PatientBootstrap([record.patient for record in self.records], self.draws)
