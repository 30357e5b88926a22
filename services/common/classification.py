"""What is said about one micrograph: probabilities, calls, findings, provenance.

Plain frozen dataclasses of JSON-friendly fields, so that the worker can write
them, the gateway read them, and neither needs the other's libraries.
"""

from dataclasses import dataclass
from enum import StrEnum

NOTICE = "For Research Use Only. Not for use in diagnostic procedures."


class Location(StrEnum):
    """Where in the glomerular capillary wall or mesangium a deposit lies.

    The order is the order of the model's location outputs and of every table.
    """

    MESANGIAL = "mesangial"
    SUBEPITHELIAL = "subepithelial"
    INTRAMEMBRANOUS = "intramembranous"
    SUBENDOTHELIAL = "subendothelial"


class Call(StrEnum):
    """A probability held against its threshold."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INDETERMINATE = "indeterminate"
    """Too near the threshold: within the zone in which the model abstains."""


class FindingCode(StrEnum):
    """What a reader of the probabilities should know about the input."""

    TOO_SMALL = "TOO_SMALL"
    BLANK = "BLANK"
    SATURATED = "SATURATED"
    LOW_CONTRAST = "LOW_CONTRAST"
    UNKNOWN_SCALE = "UNKNOWN_SCALE"
    MULTI_PAGE = "MULTI_PAGE"
    BANNER = "BANNER"
    UNFAMILIAR = "UNFAMILIAR"
    """Unlike the images that the model was trained on."""


class PixelSizeSource(StrEnum):
    """Where the pixel size that was used came from."""

    REQUEST = "request"
    FILE = "file"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about the input, with the numbers that led to it."""

    code: FindingCode | str
    """A text where a worker of the next version found what this one has no name for."""
    message: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """One output of the model: a calibrated probability in [0, 1] and its call."""

    probability: float
    call: Call


@dataclass(frozen=True, slots=True)
class InputSummary:
    """The micrograph as it was read."""

    format: str
    """JPEG, PNG or TIFF."""
    width: int
    """Pixels of the whole image, banner included."""
    height: int
    bit_depth: int
    """Bits per sample: 8, 16 or 32."""
    color: str
    """grey, rgb or palette."""
    pages: int
    pixel_size_nm: float
    """Edge of one pixel of the file in nanometres, as used."""
    pixel_size_source: PixelSizeSource
    analysed_height: int
    """Rows that were analysed: the height less a banner, in pixels of the file."""
    windows: int
    """How many model inputs the field was covered with."""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made an answer."""

    name: str
    version: str
    digest: str
    """`sha256:` and the hex digest of the bundle's manifest, which holds those of its files."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Where in the field the evidence for one output lies: a grid over its whole width and rows."""

    output: str
    """presence, or a `Location`."""
    rows: int
    columns: int
    values: str
    """Base64 of rows x columns bytes: 0 is `lowest`, 255 is `highest`."""
    lowest: float
    """Activation, in the model's own units."""
    highest: float


@dataclass(frozen=True, slots=True)
class Classification:
    """The answer for one micrograph.

    Location probabilities are marginal, P(deposit at this location), never
    above the presence probability.
    """

    presence: Assessment
    locations: dict[Location, Assessment]
    input: InputSummary
    model: ModelIdentity
    findings: tuple[Finding, ...] = ()
    decode_seconds: float = 0.0
    inference_seconds: float = 0.0
    """Wall time of the model run that held this image, batch-mates included."""
    notice: str = NOTICE
    heat_maps: tuple[HeatMap, ...] | None = None
    """Those that were asked for; None, which costs nothing in Redis, where none was."""
