"""The stopwatch of a load."""

import pytest

from benchmarks import recorder as module
from benchmarks.orders import LoadOrder
from benchmarks.recorder import Recorder
from benchmarks.usage import Usage


class Clock:
    """A clock that is set by hand; the process uses half of the time that passes."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        """As time.perf_counter."""
        return self.now

    def process_time(self) -> float:
        """As time.process_time."""
        return self.now / 2


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    set_by_hand = Clock()
    monkeypatch.setattr(module, "time", set_by_hand)
    return set_by_hand


def _order(**changes: object) -> LoadOrder:
    given: dict[str, object] = {
        "target": "",
        "pool": "",
        "style": "unary",
        "concurrency": 2,
        "warmup_seconds": 1.0,
        "seconds": 1.95,
    }
    return LoadOrder(**{**given, **changes})  # type: ignore[arg-type]


def _answer_every(clock: Clock, recorder: Recorder, seconds: float, count: int) -> None:
    for _ in range(count):
        sent_at = recorder.sent()
        clock.now += seconds
        recorder.answered(sent_at)


def test_a_warm_up_lasts_until_every_place_in_flight_was_answered(clock: Clock) -> None:
    # Given
    recorder = Recorder(_order(), Usage({}))
    # When the time of the warm-up is over, but only one image was answered
    _answer_every(clock, recorder, 1.5, 1)
    began_early = recorder.measuring
    _answer_every(clock, recorder, 0.1, 1)
    # Then
    assert not began_early
    assert recorder.measuring
    assert recorder.measured == 0


def test_what_is_measured_is_the_window_alone(clock: Clock) -> None:
    # Given a slow warm-up
    recorder = Recorder(_order(), Usage({}))
    _answer_every(clock, recorder, 0.5, 2)
    # When
    _answer_every(clock, recorder, 0.1, 25)
    answer = recorder.answer([])
    # Then
    assert recorder.over
    assert answer.images == 20
    assert answer.images_per_second == pytest.approx(10.0)
    assert answer.p50_ms == pytest.approx(100.0)
    assert answer.cpu_ms == {"client": pytest.approx(50.0)}


def test_a_load_given_in_images_ends_with_the_last(clock: Clock) -> None:
    # Given
    recorder = Recorder(_order(images=5, warmup_seconds=0.0), Usage({}))
    # When
    _answer_every(clock, recorder, 10.0, 2 + 5)
    # Then
    assert recorder.over
    assert recorder.measured == 5


def test_images_without_an_answer_are_counted() -> None:
    # Given
    recorder = Recorder(_order(), Usage({}))
    # When two are sent and one comes back
    first = recorder.sent()
    recorder.sent()
    recorder.answered(first)
    # Then
    assert recorder.missing == 1
