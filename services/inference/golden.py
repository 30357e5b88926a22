"""Golden images: the whole path from bytes to probabilities held against what it gave before."""

from pathlib import Path

from services.common.classification import Classification
from services.common.errors import BundleError, InvalidRequest
from services.inference.classifier import Classifier
from services.inference.manifest import OUTPUTS, Golden, GoldenImage


def probabilities(classification: Classification) -> dict[str, float]:
    """The five probabilities of an answer by output name."""
    values = {"presence": classification.presence.probability}
    for location, assessment in classification.locations.items():
        values[location.value] = assessment.probability
    return values


def classify_golden(classifier: Classifier, root: Path, golden: GoldenImage) -> dict[str, float]:
    """What `classifier` says about the golden image, as any image would be classified."""
    image = (root / golden.file).read_bytes()
    try:
        prepared = classifier.prepare(image, golden.pixel_size_nm)
    except InvalidRequest as error:
        raise BundleError(
            f"The golden image {golden.file} cannot be read: {error.message}",
            reason="GOLDEN_MISMATCH",
        ) from error
    return probabilities(classifier.classify([prepared])[0])


def check_golden(classifier: Classifier, root: Path, golden: Golden) -> None:
    """Raise BundleError (GOLDEN_MISMATCH) where an answer differs by more than the tolerance."""
    for image in golden.images:
        found = classify_golden(classifier, root, image)
        worst = max(OUTPUTS, key=lambda output: abs(found[output] - image.probabilities[output]))
        if abs(found[worst] - image.probabilities[worst]) > golden.tolerance:
            raise BundleError(
                f"The golden image {image.file} must get {worst} "
                f"{image.probabilities[worst]:.5f} within {golden.tolerance:g}; it gets "
                f"{found[worst]:.5f} on {classifier.provider}. The model, its runtime or the "
                "preprocessing here is not the one the bundle was made with; do not serve.",
                reason="GOLDEN_MISMATCH",
            )
