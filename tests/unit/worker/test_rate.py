"""Images per second of work: time without work does not count."""

from services.worker.rate import WINDOW_SECONDS, Rate


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def test_nothing_is_known_before_the_first() -> None:
    assert Rate(Clock()).per_second == 0.0


def test_micro_batches_that_follow_each_other_give_their_rate() -> None:
    # Given
    clock = Clock()
    rate = Rate(clock)

    # When
    for _ in range(10):
        clock.now += 0.5
        rate.finished(8, 0.5)

    # Then
    assert rate.per_second == 16.0


def test_threads_that_work_side_by_side_add_up() -> None:
    # Given
    clock = Clock()
    rate = Rate(clock)

    # When: two threads, each 8 images in 0.5 s
    for _ in range(10):
        clock.now += 0.25
        rate.finished(8, 0.5)

    # Then
    assert rate.per_second == 32.0


def test_a_pause_without_work_does_not_slow_the_rate() -> None:
    # Given
    clock = Clock()
    rate = Rate(clock)

    # When
    for pause in (0.5, 5.0, 0.5):
        clock.now += pause
        rate.finished(8, 0.5)

    # Then
    assert rate.per_second == 16.0


def test_what_was_long_ago_is_forgotten() -> None:
    # Given
    clock = Clock()
    rate = Rate(clock)
    clock.now += 0.1
    rate.finished(1000, 0.1)

    # When
    clock.now += WINDOW_SECONDS + 1
    rate.finished(4, 0.5)

    # Then
    assert rate.per_second == 8.0
