"""An order that cannot be drawn is refused before anything is, with the sizes that can."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from services.training.phantom_orders import Order
from services.training.phantom_writer import write_fields

NATIVE = Order(seed=3, patients=7, fields=2, size=256, pixel_size_nm=None)


def test_a_size_too_small_for_the_finest_microscope_is_refused_at_once(tmp_path: Path) -> None:
    # Given an order of which the first micrographs could be drawn, and not all
    first = replace(NATIVE, patients=1)
    first.check()

    # When it is to be drawn
    with pytest.raises(ValueError, match=r"of 256 pixels are too small.*--size \d+") as caught:
        list(write_fields(NATIVE, tmp_path / "out", workers=1))

    # Then nothing was, and the least size that is named is the least
    assert not (tmp_path / "out").exists()
    found = re.search(r"--size (\d+)", str(caught.value))
    assert found is not None
    least = int(found[1])
    replace(NATIVE, size=least).check()
    with pytest.raises(ValueError, match="too small"):
        replace(NATIVE, size=least - 1).check()


def test_a_size_too_large_to_be_drawn_finer_is_refused() -> None:
    # Given an order of large images, drawn four times finer
    order = Order(seed=1, patients=1, fields=1, size=3000, pixel_size_nm=46.0, oversample=4)

    # When it is checked
    # Then the largest size is named
    with pytest.raises(ValueError, match="--size 2048 or less"):
        order.check()
