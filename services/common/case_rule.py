"""How the answer for a case follows from those for its images, in whatever order they come.

    logit P(case) = slope * logit(highest P of its images) + offset + log_images * ln(images)

per output. One image with a deposit makes a case with a deposit, so the highest
probability decides; but the highest of many is high by chance as well, which
the last term, fitted on patients, takes back. The highest is of a set, so order does
not matter; of equal probabilities the lesser image_id comes first.
"""

import json
import math
from bisect import insort
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.common.case_result import CaseAssessment, CaseResult, SupportingImage
from services.common.classification import Assessment, Call, Classification, Location, ModelIdentity
from services.common.messages import Outcome

PRESENCE = "presence"
OUTPUTS = (PRESENCE, *(location.value for location in Location))

SUPPORTING = 10
"""Images named per output at most."""

_EDGE = 1e-6
"""Probabilities are taken to lie this far from 0 and 1: their logits are finite."""


@dataclass(frozen=True, slots=True)
class OutputRule:
    """The rule of one output; as it stands, the case's probability is that of its top image."""

    slope: float = 1.0
    offset: float = 0.0
    log_images: float = 0.0
    threshold: float = 0.5

    def probability(self, highest: float, images: int) -> float:
        """P(case), from the highest probability of its images and how many there are."""
        return 1 / (1 + math.exp(-self.logit(highest, images)))

    def logit(self, highest: float, images: int) -> float:
        """Its log odds, natural."""
        clipped = min(max(highest, _EDGE), 1 - _EDGE)
        return (
            self.slope * math.log(clipped / (1 - clipped))
            + self.offset
            + self.log_images * math.log(images)
        )


@dataclass(frozen=True, slots=True)
class CaseRule:
    """The rule of a model, by output."""

    outputs: Mapping[str, OutputRule]
    calibrated: bool


def read_rule(manifest: bytes | str | None) -> CaseRule:
    """The rule in a bundle's manifest.json; that of the top image where it has none."""
    said: dict[str, Any] = json.loads(manifest) if manifest else {}
    fitted = said.get("case")
    if fitted:
        outputs = {name: OutputRule(**fitted["outputs"][name]) for name in OUTPUTS}
        return CaseRule(outputs, calibrated=True)
    thresholds = said.get("thresholds", {})
    plain = {name: OutputRule(threshold=thresholds.get(name, 0.5)) for name in OUTPUTS}
    return CaseRule(plain, calibrated=False)


@dataclass(slots=True)
class CaseTally:
    """What is known of a case so far; takes little memory however many images it has."""

    case_id: str
    images: int = 0
    failed: int = 0
    _models: Counter[ModelIdentity] = field(default_factory=Counter)
    _top: dict[str, list[tuple[float, str, Call]]] = field(
        default_factory=lambda: {name: [] for name in OUTPUTS}
    )

    def add(self, outcome: Outcome) -> None:
        """One image more. Each image once."""
        self.images += 1
        answer = outcome.classification
        if answer is None:
            self.failed += 1
            return
        self._models[answer.model] += 1
        for name in OUTPUTS:
            assessment = _output(answer, name)
            entry = (-assessment.probability, outcome.image_id, assessment.call)
            insort(self._top[name], entry)
            del self._top[name][SUPPORTING:]

    @property
    def models(self) -> tuple[ModelIdentity, ...]:
        """That answered, the one with most images first."""
        ranked = sorted(self._models.items(), key=lambda item: (-item[1], item[0].digest))
        return tuple(model for model, _ in ranked)

    def result(self, rule: CaseRule, *, final: bool) -> CaseResult:
        """The answer for the case by `rule`, that of the first of `models`."""
        if not self._models:
            return CaseResult(self.case_id, self.images, self.failed, final)
        presence = self._assess(PRESENCE, rule)
        locations = {
            location: _within(self._assess(location.value, rule), presence) for location in Location
        }
        return CaseResult(
            self.case_id,
            self.images,
            self.failed,
            final,
            presence,
            locations,
            self.models,
            rule.calibrated,
        )

    def _assess(self, name: str, rule: CaseRule) -> CaseAssessment:
        top = [SupportingImage(image, -minus, call) for minus, image, call in self._top[name]]
        output = rule.outputs[name]
        probability = output.probability(top[0].probability, self.images - self.failed)
        call = Call.POSITIVE if probability >= output.threshold else Call.NEGATIVE
        # The first makes the probability, whatever it was called.
        named = [image for image in top[1:] if image.call is not Call.NEGATIVE]
        return CaseAssessment(probability, call, (top[0], *named))


def _output(answer: Classification, name: str) -> Assessment:
    return answer.presence if name == PRESENCE else answer.locations[Location(name)]


def _within(location: CaseAssessment, presence: CaseAssessment) -> CaseAssessment:
    """A deposit is not somewhere more surely than it is there at all."""
    return CaseAssessment(
        min(location.probability, presence.probability),
        location.call if presence.call is Call.POSITIVE else Call.NEGATIVE,
        location.supporting,
    )
