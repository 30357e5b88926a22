"""How the speed along a long job is told."""

import pytest

from benchmarks.scale_load import tenths


def test_the_speed_of_each_tenth_of_the_images() -> None:
    # Given: ten results a second, then twenty
    times = [n / 10 for n in range(50)] + [5 + n / 20 for n in range(50)]

    # When
    rates = tenths(times)

    # Then
    assert rates[:4] == pytest.approx([10.0] * 4)
    assert rates[5:9] == pytest.approx([20.0] * 4)
    assert len(rates) == 10
