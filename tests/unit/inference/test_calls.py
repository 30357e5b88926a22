"""From probabilities to calls."""

from dataclasses import dataclass
from typing import cast

import pytest

from services.common.classification import Call, Location
from services.inference.calls import call_outputs
from services.inference.manifest import OUTPUTS, BundleManifest

POSITIVE, NEGATIVE, INDETERMINATE = Call.POSITIVE, Call.NEGATIVE, Call.INDETERMINATE


@dataclass
class Rules:
    """The part of a manifest that calls follow."""

    thresholds: dict[str, float]
    abstain: dict[str, tuple[float, float]]


def call(presence: float, mesangial: float, zone: tuple[float, float] | None) -> tuple[Call, Call]:
    """Calls of presence and of one location, both with threshold 0.5 and the same zone."""
    rules = Rules(dict.fromkeys(OUTPUTS, 0.5), {} if zone is None else dict.fromkeys(OUTPUTS, zone))
    values = {**dict.fromkeys(OUTPUTS, 0.0), "presence": presence, "mesangial": mesangial}
    found, locations = call_outputs(values, cast(BundleManifest, rules))
    return found.call, locations[Location.MESANGIAL].call


@pytest.mark.parametrize(
    ("presence", "mesangial", "expected"),
    [
        (0.5, 0.5, (POSITIVE, POSITIVE)),
        (0.49, 0.2, (NEGATIVE, NEGATIVE)),
        (0.9, 0.2, (POSITIVE, NEGATIVE)),
    ],
)
def test_without_a_zone_the_threshold_decides(
    presence: float, mesangial: float, expected: tuple[Call, Call]
) -> None:
    # Given no zone
    # When outputs are called
    # Then at the threshold and above the call is positive
    assert call(presence, mesangial, None) == expected


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(0.39, NEGATIVE), (0.4, INDETERMINATE), (0.59, INDETERMINATE), (0.6, POSITIVE)],
)
def test_in_the_zone_nothing_is_called(probability: float, expected: Call) -> None:
    # Given a zone from 0.4 to below 0.6
    # When presence is called
    # Then only within it the call is left open
    assert call(probability, 0.0, (0.4, 0.6))[0] is expected


@pytest.mark.parametrize(
    ("presence", "mesangial", "expected"),
    [
        (0.3, 0.7, (NEGATIVE, NEGATIVE)),
        (0.3, 0.5, (NEGATIVE, NEGATIVE)),
        (0.5, 0.7, (INDETERMINATE, INDETERMINATE)),
        (0.5, 0.3, (INDETERMINATE, NEGATIVE)),
        (0.7, 0.5, (POSITIVE, INDETERMINATE)),
    ],
)
def test_a_location_is_never_called_more_surely_than_presence(
    presence: float, mesangial: float, expected: tuple[Call, Call]
) -> None:
    # Given a zone, and numbers that contradict each other
    # When outputs are called
    # Then the calls do not
    assert call(presence, mesangial, (0.4, 0.6)) == expected
