"""What operators are told of model versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.client.results import ModelIdentity


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version that workers have, and what they do with it."""

    name: str
    version: str
    active: bool
    """Whether it was made the active one."""
    previous: bool
    """Whether a rollback would go to it."""
    shadow_share: float
    """The share of micrographs that it classifies in the shadow."""
    repository_workers: Sequence[str]
    """Workers that have it in their repository."""
    serving_workers: Sequence[str]
    """Workers that answer with it."""


@dataclass(frozen=True, slots=True)
class ModelProblem:
    """Why a worker does not do as was decided."""

    worker: str
    name: str
    version: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class ModelVersions:
    """All versions, and what is wrong."""

    versions: Sequence[ModelVersion]
    problems: Sequence[ModelProblem]


@dataclass(frozen=True, slots=True)
class Switched:
    """What an activation or a rollback did."""

    active: ModelIdentity
    previous: ModelIdentity | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two versions agree on one output."""

    label: str
    kappa: float | None
    """None where every micrograph got one and the same call."""
    same_calls: int
    active_positive: int
    """Micrographs that only the active version called positive."""
    shadow_positive: int
    mean_difference: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A micrograph on which two versions differ."""

    image: str
    """Its name in the image store; no word of the sender's."""
    label: str
    active_probability: float
    shadow_probability: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the version in the shadow agrees with the active one."""

    active: ModelIdentity
    shadow: ModelIdentity
    since: datetime
    compared: int
    failed: int
    skipped: int
    outputs: Sequence[Agreement]
    differences: Sequence[Difference]
