"""Cohen's kappa between readers and the model."""

import pytest

from services.web.kappa import kappa


def test_kappa_is_agreement_beyond_chance() -> None:
    # Given: the 2 x 2 table 20, 5, 10, 15, for which kappa is known to be 0.4
    pairs = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15

    # Then
    assert kappa(pairs) == pytest.approx(0.4)


@pytest.mark.parametrize("pairs", [[], [(1, 1), (1, 1)]])
def test_kappa_is_not_defined_where_chance_explains_all(pairs: list[tuple[int, int]]) -> None:
    assert kappa(pairs) is None
