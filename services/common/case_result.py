"""What is said about one case: all micrographs of one biopsy in one job, taken together."""

from dataclasses import dataclass, field

from services.common.classification import NOTICE, Call, Location, ModelIdentity


@dataclass(frozen=True, slots=True)
class SupportingImage:
    """An image that speaks for a deposit, or the one that comes nearest to it."""

    image_id: str
    probability: float
    """Of the image, not of the case."""
    call: Call


@dataclass(frozen=True, slots=True)
class CaseAssessment:
    """One output over the case."""

    probability: float
    call: Call
    supporting: tuple[SupportingImage, ...]
    """Most probable first; see services.common.case_rule."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The answer for one case."""

    case_id: str
    images: int
    """With an outcome."""
    failed: int
    """Of these, without a classification."""
    final: bool = True
    """Whether the case is closed and every image of it has its outcome."""
    presence: CaseAssessment | None = None
    """None, like the locations, where no image was classified."""
    locations: dict[Location, CaseAssessment] = field(default_factory=dict)
    models: tuple[ModelIdentity, ...] = ()
    """That answered its images; the first answered most, and its rule was used."""
    calibrated: bool = False
    """Whether that model's rule was fitted on cases."""
    notice: str = NOTICE
