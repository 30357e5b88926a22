"""Drawn data on disk are what was drawn."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from services.training.manifest_check import read_manifest
from services.training.phantom import Patient
from services.training.phantom_writer import Order, draw_ordered, labels_of, write_fields, write_png
from tests.training_data import draw_data_set


def test_files_hold_the_drawn_pixels_and_labels(tmp_path: Path) -> None:
    # Given a written data set
    manifest = draw_data_set(tmp_path, patients=3, seed=9)

    # When it is read back
    records = read_manifest(manifest)

    # Then images, masks and labels are those of the drawings
    assert len(records) == 6
    for number, record in enumerate(records):
        field = draw_ordered(Order(9, 3, 2, 96, 46.0), number // 2, number % 2)
        np.testing.assert_array_equal(cv2.imread(str(record.path), 0), field.image)
        np.testing.assert_array_equal(cv2.imread(str(record.mask), 0), field.mask)
        assert record.labels == labels_of(field)


def test_many_processes_write_what_one_writes(tmp_path: Path) -> None:
    # Given an order
    order = Order(seed=2, patients=2, fields=2, size=80, pixel_size_nm=46.0)

    # When one and two processes fill it
    alone = list(write_fields(order, tmp_path / "one", workers=1))
    together = list(write_fields(order, tmp_path / "two", workers=2))

    # Then the files are the same, in the same order
    assert [record.labels for record in alone] == [record.labels for record in together]
    for one, other in zip(alone, together, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes()


def test_oversampling_averages_a_finer_drawing() -> None:
    # Given an order that draws twice finer
    order = Order(seed=2, patients=1, fields=1, size=100, pixel_size_nm=46.0, oversample=2)

    # When a field is drawn
    field = draw_ordered(order, 0, 0)

    # Then size and scale are those ordered
    assert field.image.shape == field.mask.shape == (100, 100)
    assert field.pixel_size_nm == 46.0


def test_patients_without_contrast_are_passed_over() -> None:
    # Given an order for patients whose deposits can be seen
    order = Order(1, patients=5, fields=1, size=96, pixel_size_nm=46.0, min_contrast=0.18)

    # When their numbers are chosen
    numbers = order.patient_numbers()

    # Then these are the first with enough contrast, and some were passed over
    enough = [n for n in range(max(numbers) + 1) if Patient.draw(1, n).contrast >= 0.18]
    assert numbers == enough
    assert numbers != list(range(5))


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    # Given a path below no folder
    path = tmp_path / "none" / "a.png"

    # When an image is written there
    # Then the error names the path
    with pytest.raises(OSError, match=r"cannot write .*a\.png"):
        write_png(path, np.zeros((4, 4), np.uint8))
