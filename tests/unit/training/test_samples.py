"""The demo's samples are readable, and their files say what the list says."""

import csv
from pathlib import Path

import numpy as np
import pytest

from services.inference.decoding import DecodeLimits, decode
from services.training.samples import (
    SAMPLES,
    Writer,
    write_banner_jpeg,
    write_jpeg,
    write_palette_tiff,
    write_png,
    write_wide_tiff,
)
from tests.images import draw_texture

COMMITTED = Path(__file__).parents[3] / "services" / "stack" / "samples"


@pytest.mark.parametrize("write", [write_jpeg, write_png, write_banner_jpeg, write_palette_tiff])
def test_every_format_reads_back_as_the_same_picture(tmp_path: Path, write: Writer) -> None:
    # Given a picture
    image = draw_texture(400, 400)

    # When it is written and read by the service
    path = tmp_path / ("image.png" if write is write_png else "image.jpg")
    write(path, image, 16.0)
    read = decode(path.read_bytes(), DecodeLimits())

    # Then it looks the same, without a banner
    assert read.field.shape == image.shape
    assert np.abs(read.field.astype(int) - image).mean() < 4.0


@pytest.mark.parametrize("write", [write_wide_tiff, write_palette_tiff])
def test_tiff_samples_state_their_pixel_size(tmp_path: Path, write: Writer) -> None:
    # Given a picture
    image = draw_texture(400, 400)

    # When it is written as TIFF and read
    write(tmp_path / "image.tif", image, 16.0)
    scale = decode((tmp_path / "image.tif").read_bytes(), DecodeLimits()).header.scale

    # Then the file says its scale
    assert scale is not None
    assert scale.pixel_size_nm == pytest.approx(16.0)


def test_the_committed_samples_are_those_listed_and_small() -> None:
    # Given the committed folder
    with (COMMITTED / "samples.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    # When it is held against what is to be drawn
    # Then names and truths agree, every file reads, and all are below 3 MB
    assert [row["name"] for row in rows] == [sample.name for sample in SAMPLES]
    for row, sample in zip(rows, SAMPLES, strict=True):
        assert {place for place in sample.locations if row[place.value] == "1"} == sample.locations
        assert decode((COMMITTED / sample.name).read_bytes(), DecodeLimits()).field.size > 0
    assert sum((COMMITTED / row["name"]).stat().st_size for row in rows) < 3_000_000
