"""The answer for a case does not depend on the order of its images, and says what it rests on."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.case_rule import OUTPUTS, SUPPORTING, CaseTally, read_rule
from services.common.classification import Assessment, Call, Location
from services.common.errors import InvalidImage
from services.common.messages import Outcome, decode_outcome, encode_outcome
from tests.fakes.classifier import classification

PLAIN = read_rule(None)
FITTED = read_rule(
    json.dumps(
        {
            "case": {
                "outputs": {
                    name: {"slope": 0.8, "offset": 0.1, "log_images": -0.5, "threshold": 0.4}
                    for name in OUTPUTS
                }
            }
        }
    )
)


def outcome(image_id: str, presence: float, location: float | None = None) -> Outcome:
    """An image with these probabilities; positive from a half on."""

    def assessed(probability: float) -> Assessment:
        return Assessment(probability, Call.POSITIVE if probability >= 0.5 else Call.NEGATIVE)

    where = presence if location is None else location
    answer = replace(
        classification(1),
        presence=assessed(presence),
        locations=dict.fromkeys(Location, assessed(where)),
    )
    return Outcome(image_id, "case", answer)


def tally(*outcomes: Outcome) -> CaseTally:
    """The tally of these images."""
    made = CaseTally("case")
    for one in outcomes:
        made.add(one)
    return made


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_images_changes_nothing(values: list[float], random: object) -> None:
    images = [outcome(f"{number:02d}", value) for number, value in enumerate(values)]
    shuffled = list(images)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for rule in (PLAIN, FITTED):
        first = tally(*images).result(rule, final=True)
        assert first == tally(*shuffled).result(rule, final=True)
        assert first.presence is not None
        assert len(first.presence.supporting) <= SUPPORTING


def test_the_highest_image_decides_and_is_named_first() -> None:
    result = tally(outcome("a", 0.2), outcome("b", 0.9), outcome("c", 0.6)).result(
        PLAIN, final=True
    )
    assert result.presence is not None
    assert result.presence.probability == pytest.approx(0.9)
    assert [image.image_id for image in result.presence.supporting] == ["b", "c"]
    assert not result.calibrated


def test_a_fitted_rule_takes_back_what_is_high_by_chance() -> None:
    images = [outcome(f"{number}", 0.6) for number in range(8)]
    result = tally(*images).result(FITTED, final=True)
    logit = 0.8 * math.log(0.6 / 0.4) + 0.1 - 0.5 * math.log(8)
    assert result.presence is not None
    assert result.presence.probability == pytest.approx(1 / (1 + math.exp(-logit)))
    assert result.presence.call is Call.NEGATIVE
    assert result.calibrated


def test_a_location_is_never_surer_than_presence() -> None:
    result = tally(outcome("a", 0.3, 0.3), outcome("b", 0.2, 0.2)).result(PLAIN, final=False)
    assert result.presence is not None
    assert result.presence.call is Call.NEGATIVE
    assert all(one.call is Call.NEGATIVE for one in result.locations.values())
    assert all(one.probability <= result.presence.probability for one in result.locations.values())


def test_images_without_answer_are_counted_and_decide_nothing() -> None:
    failed = Outcome("z", "case", error=InvalidImage("torn").to_record())
    with_it = tally(outcome("a", 0.7), failed).result(FITTED, final=True)
    alone = tally(outcome("a", 0.7)).result(FITTED, final=True)
    assert (with_it.images, with_it.failed) == (2, 1)
    assert with_it.presence == alone.presence
    assert tally(failed).result(FITTED, final=True).presence is None


def test_a_case_result_crosses_redis_as_it_was() -> None:
    result = tally(outcome("a", 0.7), outcome("b", 0.8)).result(PLAIN, final=True)
    sent = Outcome("", "case", case=result)
    assert decode_outcome(encode_outcome(sent)) == sent
