"""The arithmetic of a measurement."""

import pytest

from benchmarks.arithmetic import cpu_ms_per_image, growth, percentile, rate, spread

MIB = 1024 * 1024


def test_a_rate_is_images_over_time() -> None:
    # Given an image every 20 ms
    times = [5.0 + 0.02 * number for number in range(101)]
    # When
    found = rate(times)
    # Then
    assert found == pytest.approx(50.0)


@pytest.mark.parametrize("cut", [0, 1, 7, 15])
def test_a_rate_does_not_depend_on_where_in_a_group_the_window_begins(cut: int) -> None:
    # Given groups of 16 images that are finished together, one group every 0.4 s: 40 images/s
    times = [0.4 * group for group in range(20) for _ in range(16)][cut:]
    # When
    found = rate(times)
    # Then first and last alone would be wrong by up to 5 %
    assert found == pytest.approx(40.0, rel=0.01)


@pytest.mark.parametrize("times", [[], [1.0], [1.0, 1.0]])
def test_a_rate_of_no_time_is_refused(times: list[float]) -> None:
    with pytest.raises(ValueError, match="different times"):
        rate(times)


def test_cpu_per_image_is_the_share_of_a_core_over_the_rate() -> None:
    # Given half a core for four seconds, at 100 images a second
    # When
    found = cpu_ms_per_image(2.0, 4.0, 100.0)
    # Then
    assert found == pytest.approx(5.0)


def test_a_percentile_is_between_its_neighbours() -> None:
    assert percentile([4.0, 1.0, 2.0, 3.0], 50) == pytest.approx(2.5)


def test_the_spread_is_relative_to_the_mean() -> None:
    assert spread([90.0, 100.0, 110.0]) == pytest.approx(0.2)


def test_growth_compares_the_first_third_with_the_last() -> None:
    # Given memory that rises by a MiB in every third and has one peak
    samples = [(0, 10 * MIB), (300, 10 * MIB), (450, 30 * MIB), (700, 12 * MIB), (900, 12 * MIB)]
    # When
    found = growth(samples)
    # Then
    assert (found.first, found.last, found.most) == (10.0, 12.0, 30.0)
    assert found.grown == pytest.approx(2.0)


def test_growth_of_too_few_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="too seldom"):
        growth([(900, MIB), (1000, MIB), (1100, MIB)])
