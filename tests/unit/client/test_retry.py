"""When to try again."""

import pytest

from services.client.errors import DensaError, InvalidRequest, Overloaded, Unavailable
from services.client.retry import Backoff, may_help_later


def test_delays_double_up_to_the_longest() -> None:
    # Given
    backoff = Backoff(first=1, longest=5)

    # When
    delays = [backoff.next_delay(Unavailable("Away.")) for _ in range(5)]

    # Then
    for delay, bound in zip(delays, [1, 2, 4, 5, 5], strict=True):
        assert bound / 2 <= delay <= bound


def test_what_the_service_asks_for_is_the_least() -> None:
    # Given
    backoff = Backoff(first=1, longest=5)

    # When
    delay = backoff.next_delay(Overloaded("Full.", retry_after=30))

    # Then
    assert 30.5 <= delay <= 31


def test_a_success_begins_a_new_series() -> None:
    # Given
    backoff = Backoff(first=1, longest=50)
    for _ in range(5):
        backoff.next_delay(Unavailable("Away."))

    # When
    backoff.reset()

    # Then
    assert backoff.next_delay(Unavailable("Away.")) <= 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unavailable("Away."), True),
        (Overloaded("Full.", retry_after=1), True),
        (Overloaded("The message is too large."), False),
        (InvalidRequest("No image."), False),
    ],
)
def test_only_what_time_heals_is_tried_again(error: DensaError, *, expected: bool) -> None:
    assert may_help_later(error) is expected
