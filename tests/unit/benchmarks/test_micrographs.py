"""The images of a benchmark."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.micrographs import (
    FORMATS,
    SIDE,
    as_jpeg,
    as_tiff,
    draw_field,
    read_pool,
    write_pool,
)
from services.inference.decoding import DecodeLimits, decode


def test_a_jpeg_weighs_about_200_kb() -> None:
    assert 150_000 < len(as_jpeg(draw_field(0))) < 250_000


def test_a_tiff_has_16_bits_uncompressed() -> None:
    # Given
    image = as_tiff(draw_field(0))
    # When
    header = decode(image, DecodeLimits()).header
    # Then
    assert (header.width, header.height, header.bit_depth) == (SIDE, SIDE, 16)
    assert SIDE * SIDE * 2 < len(image) < SIDE * SIDE * 2 + 4096


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_pool_is_the_same_every_time_and_its_images_differ(
    image_format: str, tmp_path: Path
) -> None:
    # Given
    first = read_pool(write_pool(tmp_path / "a", image_format, 3))
    # When
    second = read_pool(write_pool(tmp_path / "b", image_format, 3))
    # Then
    assert first == second
    assert len(set(first)) == 3


def test_a_field_uses_most_greys_and_none_outside() -> None:
    # Given
    field = draw_field(1)
    # When
    low, high = np.percentile(field, (1, 99))
    # Then
    assert low < 80.0
    assert high > 170.0
    assert field.min() >= 0.0
    assert field.max() <= 255.0
