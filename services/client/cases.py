"""Case results as the service tells of them, without protobuf in them, and the conversion."""

from collections.abc import Mapping
from dataclasses import dataclass

from densa.v1 import case_pb2, classification_pb2

from services.client.converters import name_of, to_identity
from services.client.results import Location, ModelIdentity


@dataclass(frozen=True, slots=True)
class SupportingImage:
    """An image behind the answer for a case; probability and call are its own."""

    image_id: str
    probability: float
    call: str


@dataclass(frozen=True, slots=True)
class CaseAssessment:
    """One output over a case."""

    probability: float
    call: str
    """`positive` or `negative`."""
    supporting_images: tuple[SupportingImage, ...]
    """The most probable first, at most 10: the first is what the probability rests on."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The answer for one case: its micrographs of one job, in whatever order they came."""

    case_id: str
    final: bool
    """Whether it is the last word: the case is closed and each of its images has its result."""
    images: int
    failed: int
    """Of these, without a classification."""
    presence: CaseAssessment | None
    """None where no image was classified."""
    locations: Mapping[str, CaseAssessment]
    """By `Location`, in their order; empty where no image was classified."""
    models: tuple[ModelIdentity, ...]
    """That answered; the first answered most, and its rule for cases was used."""
    calibrated: bool
    """Whether that rule was fitted on cases; where not, the top image's probability is shown."""
    notice: str


def to_case_result(message: case_pb2.CaseResult) -> CaseResult:
    """One case."""
    named = {
        name_of(classification_pb2.Location, entry.location, "LOCATION_").lower(): _assessment(
            entry.assessment
        )
        for entry in message.locations
    }
    known = {location.value: location for location in Location}
    return CaseResult(
        message.case_id,
        message.final,
        message.images,
        message.failed,
        _assessment(message.presence) if message.HasField("presence") else None,
        {known.get(name, name): assessment for name, assessment in named.items()},
        tuple(map(to_identity, message.models)),
        message.calibrated,
        message.notice,
    )


def _assessment(message: case_pb2.CaseAssessment) -> CaseAssessment:
    return CaseAssessment(
        message.probability,
        name_of(classification_pb2.Call, message.call, "CALL_").lower(),
        tuple(
            SupportingImage(
                image.image_id,
                image.probability,
                name_of(classification_pb2.Call, image.call, "CALL_").lower(),
            )
            for image in message.supporting_images
        ),
    )
