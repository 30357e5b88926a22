"""All that is wrong with a manifest is said at once."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from services.training.manifest import COLUMNS, Record, write_manifest
from services.training.manifest_check import ManifestError, check_patients, read_manifest

HEADER = ",".join(COLUMNS)


def write_image(path: Path, grey: int) -> Path:
    cv2.imwrite(str(path), np.full((64, 64), grey, np.uint8))
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    # Given two records, one with mask and scale and one without
    records = [
        Record(
            write_image(tmp_path / "a.png", 1),
            "p1",
            "c1",
            10.5,
            (1, 0, 1, 0, 0),
            write_image(tmp_path / "m.png", 2),
        ),
        Record(write_image(tmp_path / "b.png", 3), "p2", "c2", None, (0, 0, 0, 0, 0), None),
    ]

    # When they are written and read
    write_manifest(tmp_path / "manifest.csv", records)
    found = read_manifest(tmp_path / "manifest.csv")

    # Then they are the same
    assert found == records


def test_every_problem_is_listed_with_its_line(tmp_path: Path) -> None:
    # Given a manifest in which nearly everything is wrong
    write_image(tmp_path / "a.png", 1)
    (tmp_path / "manifest.csv").write_text(
        f"{HEADER}\n"
        "gone.png,p1,c1,46,0,0,0,0,0,\n"
        "a.png,,c1,46,0,0,0,0,0,\n"
        "a.png,p1,c1,46,yes,0,0,0,0,\n"
        "a.png,p1,c1,-3,0,0,0,0,0,\n"
        "a.png,p1,c1,46,0,1,0,0,0,\n"
        "a.png,p1,c1,46,0,0,0,0,0,nomask.png\n",
        encoding="utf-8",
    )

    # When it is read
    with pytest.raises(ManifestError) as caught:
        read_manifest(tmp_path / "manifest.csv")

    # Then each line has its problem
    problems = "\n".join(caught.value.problems)
    for expected in (
        "line 2: no file",
        "line 3: no patient",
        "line 4: presence is 'yes'",
        "line 5: pixel_size_nm is '-3'",
        "line 6: presence must be 1",
        "line 7: no mask",
    ):
        assert expected in problems
    assert "6 problems" in str(caught.value)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    # Given a manifest without labels
    (tmp_path / "manifest.csv").write_text("path,patient\na.png,p1\n", encoding="utf-8")

    # When it is read
    with pytest.raises(ManifestError) as caught:
        read_manifest(tmp_path / "manifest.csv")

    # Then every missing column is named
    assert {problem.split(": ")[1] for problem in caught.value.problems} == set(COLUMNS) - {
        "path",
        "patient",
    }


def test_one_image_under_two_patients_is_found_by_its_bytes(tmp_path: Path) -> None:
    # Given the same picture under two names and two patients
    write_image(tmp_path / "a.png", 7)
    write_image(tmp_path / "b.png", 7)
    (tmp_path / "manifest.csv").write_text(
        f"{HEADER}\na.png,p1,c1,46,0,0,0,0,0,\nb.png,p2,c2,46,0,0,0,0,0,\n", encoding="utf-8"
    )

    # When the manifest is read
    # Then the leak is named
    with pytest.raises(ManifestError, match="same image under several patients"):
        read_manifest(tmp_path / "manifest.csv")


def test_a_patient_of_the_training_cannot_be_tested_on(tmp_path: Path) -> None:
    # Given training records
    record = Record(tmp_path / "a.png", "p1", "c1", None, (0,) * 5, None)

    # When the held-out data hold the same patient
    # Then that is refused
    with pytest.raises(ManifestError, match="patient p1 was also used for training"):
        check_patients(tmp_path / "test.csv", [record], {"p1", "p2"})


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    # Given no file
    path = tmp_path / "none.csv"

    # When it is read
    # Then the error names it
    with pytest.raises(ManifestError, match=r"none\.csv: 1 problem; .*\n .*cannot be read"):
        read_manifest(path)
