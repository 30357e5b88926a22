"""The fake classifier and the one on ONNX Runtime keep the same promises."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.common.classification import Call, Location, PixelSizeSource
from services.common.errors import InvalidImage
from services.inference.bundle import load_classifier
from services.inference.classifier import Classifier
from services.inference.settings import InferenceSettings
from tests.fakes.classifier import UNREADABLE, FakeClassifier, grey
from tests.integration.micrographs import PIXEL_SIZE_NM, TOLERANCE, micrograph, presence


@dataclass
class Case:
    """A classifier, an image for it of a given grey, and the answer to that."""

    classifier: Classifier
    image: Callable[[int], bytes]
    presence: Callable[[int], float]


@pytest.fixture(params=["fake", "onnx"])
def case(request: pytest.FixtureRequest, tiny_bundle: Path) -> Case:
    if request.param == "fake":
        return Case(FakeClassifier(), grey, lambda level: level / 255)
    classifier = load_classifier(tiny_bundle, InferenceSettings(threads=1))
    return Case(classifier, micrograph, presence)


def test_answers_come_in_the_order_of_the_images(case: Case) -> None:
    # Given
    levels = [200, 20, 120, 20]
    prepared = [case.classifier.prepare(case.image(n), PIXEL_SIZE_NM) for n in levels]

    # When
    answers = case.classifier.classify(prepared)

    # Then
    assert [answer.presence.probability for answer in answers] == pytest.approx(
        [case.presence(n) for n in levels], abs=TOLERANCE
    )
    assert [answer.presence.call for answer in answers] == [
        Call.POSITIVE if n >= 128 else Call.NEGATIVE for n in levels
    ]


def test_no_location_is_more_likely_than_a_deposit_at_all(case: Case) -> None:
    # When
    (answer,) = case.classifier.classify([case.classifier.prepare(case.image(99), None)])

    # Then
    assert set(answer.locations) == set(Location)
    assert max(one.probability for one in answer.locations.values()) <= (
        answer.presence.probability
    )


def test_an_image_can_be_classified_again(case: Case) -> None:
    # Given
    prepared = case.classifier.prepare(case.image(99), None)

    # When
    first, second = (case.classifier.classify([prepared])[0].presence for _ in range(2))

    # Then
    assert first == second


def test_no_images_have_no_answers(case: Case) -> None:
    assert case.classifier.classify([]) == []


def test_bytes_that_cannot_be_read_are_refused_with_a_reason(case: Case) -> None:
    with pytest.raises(InvalidImage) as caught:
        case.classifier.prepare(UNREADABLE, None)
    assert caught.value.reason
    assert caught.value.message


@pytest.mark.parametrize(
    ("size", "source"),
    [(PIXEL_SIZE_NM, PixelSizeSource.REQUEST), (None, PixelSizeSource.ASSUMED)],
)
def test_an_answer_says_where_its_pixel_size_came_from(
    case: Case, size: float | None, source: PixelSizeSource
) -> None:
    # When
    prepared = case.classifier.prepare(case.image(99), size)
    (answer,) = case.classifier.classify([prepared])

    # Then
    assert prepared.summary.pixel_size_source is source
    assert prepared.summary.windows == len(prepared.windows.pixels)
    assert answer.input == prepared.summary


def test_an_answer_names_its_model(case: Case) -> None:
    # When
    (answer,) = case.classifier.classify([case.classifier.prepare(case.image(99), None)])

    # Then
    assert answer.model == case.classifier.identity
    assert case.classifier.identity.name == case.classifier.manifest.name
    assert case.classifier.identity.version == case.classifier.manifest.version
    assert case.classifier.provider
