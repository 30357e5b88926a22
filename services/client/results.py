"""What the service answers, as frozen dataclasses without protobuf in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.client.errors import DensaError
from services.client.operations import Operations


class Location(StrEnum):
    """Where a deposit lies. The order is that of every table."""

    MESANGIAL = "mesangial"
    SUBEPITHELIAL = "subepithelial"
    INTRAMEMBRANOUS = "intramembranous"
    SUBENDOTHELIAL = "subendothelial"


OUTPUTS = ("presence", *Location)
"""The model's outputs, in the order of every table."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """One output of the model: a calibrated probability in [0, 1] held against its threshold."""

    probability: float
    call: str
    """`positive`, `negative`, or `indeterminate` where the model abstains."""

    @property
    def positive(self) -> bool:
        """Whether the call is positive."""
        return self.call == "positive"

    @property
    def indeterminate(self) -> bool:
        """Whether the model makes no call: the probability is too near the threshold."""
        return self.call == "indeterminate"


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark about the input: a code for programs, a message for a person."""

    code: str
    """For example UNKNOWN_SCALE. A code newer than this client reads as its number."""
    message: str


@dataclass(frozen=True, slots=True)
class InputSummary:
    """The micrograph as the service read it. Sizes in pixels."""

    format: str
    width: int
    height: int
    analysed_height: int
    """The height less a banner."""
    bit_depth: int
    color: str
    pages: int
    pixel_size_nm: float
    pixel_size_source: str
    """request, file or assumed."""
    windows: int
    """How many model inputs the field was covered with."""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made an answer."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Where the time went, in seconds."""

    queue: float
    decode: float
    inference: float


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Where the evidence for one output lies: a grid over the width and the analysed rows."""

    output: str
    """presence, or a `Location`."""
    rows: int
    columns: int
    values: bytes
    """Row by row: 0 is `lowest`, 255 is `highest`."""
    lowest: float
    """Activation, in the model's own units."""
    highest: float


@dataclass(frozen=True, slots=True)
class Classification:
    """The answer for one micrograph.

    The probabilities of `locations` are marginal: P(deposit at this location),
    never above that of presence. Its keys are `Location`s (plain text compares
    equal), in their order.
    """

    presence: Assessment
    locations: Mapping[str, Assessment]
    findings: tuple[Finding, ...]
    input: InputSummary
    model: ModelIdentity
    timing: Timing
    notice: str
    heat_maps: tuple[HeatMap, ...] = ()
    """Those that the image asked for."""


@dataclass(frozen=True, slots=True)
class MicrographResult:
    """How one micrograph of many ended: with a classification, or with the error why not."""

    image_id: str
    case_id: str
    classification: Classification | None = None
    error: DensaError | None = None
    path: str = ""
    """Where the image was read from, as it was given; empty for bytes."""


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """One output of a model: its label, its threshold and, where known, its held-out AUC."""

    label: str
    threshold: float
    auc: float | None
    abstain: tuple[float, float] | None = None
    """Probabilities from the first to below the second get no call."""


@dataclass(frozen=True, slots=True)
class ModelWorker:
    """A worker that serves a model: its name, the runtime's provider, when it last spoke."""

    name: str
    provider: str
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Model:
    """A model that serves now, and what it takes."""

    identity: ModelIdentity
    description: str
    created: datetime
    input_size: int
    pixel_size_nm: float
    preprocessing: str
    max_image_bytes: int
    formats: tuple[str, ...]
    outputs: tuple[ModelOutput, ...]
    calibration_method: str
    workers: tuple[ModelWorker, ...]
    notice: str


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Whether the service is ready, and the models that serve."""

    address: str
    serving: bool
    models: tuple[Model, ...]
    operations: Operations | None = None
    """Queue, workers and what is wrong; None where the service is older than that."""
