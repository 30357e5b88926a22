"""Drawn data on disk are what was drawn, in the formats that labs have, and survive a kill."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from services.inference.decoding import DecodeLimits, decode
from services.training.atomic import StorageError
from services.training.manifest_check import read_manifest
from services.training.phantom_journal import NAME
from services.training.phantom_orders import Job, Order, paper_cohort
from services.training.phantom_writer import labels_of, write_fields
from tests.training_data import draw_data_set

SMALL = Order(seed=2, patients=2, fields=2, size=80, pixel_size_nm=46.0)
NATIVE = Order(seed=3, patients=7, fields=2, size=420, pixel_size_nm=None)


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a drawn set by their names."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_rows(folder: Path) -> list[dict[str, str]]:
    """The manifest of a drawn set."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def native_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set drawn with each microscope's own pixel size and format."""
    folder = tmp_path_factory.mktemp("native")
    list(write_fields(NATIVE, folder, workers=1))
    return folder


def test_files_hold_the_drawn_pixels_and_labels(tmp_path: Path) -> None:
    # Given a written data set
    manifest = draw_data_set(tmp_path, patients=3, seed=9)

    # When it is read back
    records = read_manifest(manifest)

    # Then images, masks and labels are those of the drawings
    assert len(records) == 6
    for job, record in zip(Order(9, 3, 2, 96, 46.0).jobs(), records, strict=True):
        field = job.draw()
        np.testing.assert_array_equal(cv2.imread(str(record.path), 0), field.image)
        np.testing.assert_array_equal(cv2.imread(str(record.mask), 0), field.mask)
        assert record.labels == labels_of(field)


def test_many_processes_write_what_one_writes(tmp_path: Path) -> None:
    # When one and two processes fill the same order
    list(write_fields(SMALL, tmp_path / "one", workers=1))
    list(write_fields(SMALL, tmp_path / "two", workers=2))

    # Then all files are the same
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    # Given a whole set, and a run that stopped after two micrographs
    list(write_fields(SMALL, tmp_path / "whole", workers=1))
    stopped = write_fields(SMALL, tmp_path / "stopped", workers=1)
    next(stopped)
    next(stopped)
    stopped.close()
    assert not (tmp_path / "stopped" / "manifest.csv").exists()
    kept = tmp_path / "stopped" / "images" / "p00000-f00.png"
    written = kept.stat().st_mtime_ns

    # When the same order is given again
    records = list(write_fields(SMALL, tmp_path / "stopped", workers=1))

    # Then the rest is drawn, what was there is kept, and nothing differs from the whole set
    assert len(records) == 4
    assert kept.stat().st_mtime_ns == written
    assert contents(tmp_path / "stopped") == contents(tmp_path / "whole")


def test_damaged_files_and_torn_journal_lines_are_drawn_again(tmp_path: Path) -> None:
    # Given a set with a cut image and a journal whose last line is torn
    list(write_fields(SMALL, tmp_path, workers=1))
    whole = contents(tmp_path)
    image, journal = tmp_path / "images" / "p00000-f01.png", tmp_path / NAME
    image.write_bytes(image.read_bytes()[:100])
    journal.write_text(journal.read_text()[:-30])

    # When the order is given again
    list(write_fields(SMALL, tmp_path, workers=1))

    # Then everything is whole again
    repaired = contents(tmp_path)
    assert {name: data for name, data in repaired.items() if name != NAME} == {
        name: data for name, data in whole.items() if name != NAME
    }


def test_a_folder_of_another_order_is_refused(tmp_path: Path) -> None:
    # Given a folder with drawings of one seed
    list(write_fields(SMALL, tmp_path, workers=1))
    other = Order(seed=3, patients=2, fields=2, size=80, pixel_size_nm=46.0)

    # When another seed is to be drawn into it
    # Then that is refused, and what stands there is named
    with pytest.raises(ValueError, match=r"another order.*seed"):
        list(write_fields(other, tmp_path, workers=1))


def test_every_native_file_reads_back_as_what_was_drawn(native_set: Path) -> None:
    # Given the manifest of a set in the microscopes' own formats
    rows = read_rows(native_set)

    # When each file is read by the code that serves
    for job, row in zip(NATIVE.jobs(), rows, strict=True):
        read = decode((native_set / row["path"]).read_bytes(), DecodeLimits())
        field = job.draw()

        # Then the picture is the drawing without its banner, up to contrast and compression
        height, width = field.image.shape
        blurred_edge = 8 if row["format"] == "jpeg" else 0
        assert height <= read.field.shape[0] <= height + blurred_edge
        shown = read.field[:height, :width]
        agreement = np.corrcoef(shown.ravel(), field.image.ravel())[0, 1]
        assert agreement > 0.95
        # Then the scale stands in the file or in the manifest, or the lab does not know it
        stated = read.header.scale
        known = float(row["pixel_size_nm"]) if row["pixel_size_nm"] else None
        if stated is not None:
            known = stated.pixel_size_nm
        assert known is None or known == pytest.approx(field.pixel_size_nm, rel=1e-3)
        assert (known is None) == (row["microscope"] == "camera-7")
    assert len({row["format"] for row in rows}) >= 3


def test_masks_are_as_large_as_their_images(native_set: Path) -> None:
    # Given a set in which some images have a banner
    rows = read_rows(native_set)
    assert any("banner" in row["artefact"] for row in rows)

    # When image and mask are held side by side
    # Then they are of one size
    for row in rows:
        image = cv2.imread(str(native_set / row["path"]), cv2.IMREAD_UNCHANGED)
        mask = cv2.imread(str(native_set / row["mask"]), cv2.IMREAD_UNCHANGED)
        assert image is not None
        assert mask is not None
        assert image.shape == mask.shape


def test_the_paper_cohort_has_the_papers_size() -> None:
    # When the jobs of the cohort are listed
    jobs = paper_cohort(seed=1).jobs()

    # Then they are 4,303 micrographs of 1,039 patients, at 4.6 to 30.6 nm per pixel
    assert len(jobs) == len({job.name for job in jobs}) == 4303
    assert len({job.patient for job in jobs}) == 1039
    sizes = [job.subject().microscope.pixel_size_nm for job in jobs[::25]]
    assert min(sizes) > 4.6
    assert max(sizes) < 30.6


def test_oversampling_averages_a_finer_drawing() -> None:
    # Given an order that draws twice finer
    order = Order(seed=2, patients=1, fields=1, size=100, pixel_size_nm=46.0, oversample=2)

    # When a field is drawn
    field = Job(order, 0, 0).draw()

    # Then size and scale are those ordered
    assert field.image.shape == field.mask.shape == (100, 100)
    assert field.pixel_size_nm == 46.0


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    # Given a file where the folder should be
    (tmp_path / "out").write_text("")

    # When a set is to be written there
    # Then the error names the path
    with pytest.raises(StorageError, match="out/images cannot be written: "):
        list(write_fields(SMALL, tmp_path / "out", workers=1))


def test_the_journal_names_what_was_ordered(native_set: Path) -> None:
    # When the journal's first line is read
    header = json.loads((native_set / NAME).read_text().splitlines()[0])

    # Then it is the order, with the version of the drawing
    assert header["order"]["seed"] == 3
    assert header["order"]["drawing"] >= 2
