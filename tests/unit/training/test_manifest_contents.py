"""Files are read before they are needed: copies and masks that do not fit are found."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from services.training.manifest_check import ManifestError, read_manifest
from tests.unit.training.manifests import HEADER, write_image, write_mask, write_rows

WITH_SPLIT = HEADER + ",split"
WITH_MASK = HEADER + ",mask"


def test_a_copy_in_another_format_under_another_patient_is_found(tmp_path: Path) -> None:
    # Given one picture as PNG and as TIFF, under two patients
    image = cv2.imread(str(write_image(tmp_path / "a.png", 1)), cv2.IMREAD_GRAYSCALE)
    tifffile.imwrite(tmp_path / "b.tif", np.asarray(image))
    path = write_rows(tmp_path, "a.png,p1,0,0,0,0,0", "b.tif,p2,0,0,0,0,0")

    # When the manifest is read
    # Then the leak is named, with both lines
    with pytest.raises(ManifestError, match=r"several patients \(p1, p2\).*line 2.*line 3"):
        read_manifest(path)


def test_a_copy_across_the_split_is_found(tmp_path: Path) -> None:
    # Given a copy of a training image among the test images
    write_image(tmp_path / "a.png", 1)
    shutil.copy(tmp_path / "a.png", tmp_path / "b.png")
    path = write_rows(
        tmp_path, "a.png,p1,0,0,0,0,0,train", "b.png,p2,0,0,0,0,0,test", header=WITH_SPLIT
    )

    # When the manifest is read
    # Then it is told
    with pytest.raises(ManifestError, match="the same image on several sides of the split"):
        read_manifest(path)


def test_one_image_with_two_truths_is_found_and_with_one_it_may_stay(tmp_path: Path) -> None:
    # Given copies of one image of one patient
    for name in ("b.png", "c.png"):
        shutil.copy(write_image(tmp_path / "a.png", 1), tmp_path / name)

    # When their labels agree, and when they do not
    same = write_rows(tmp_path, "a.png,p,0,0,0,0,0", "b.png,p,0,0,0,0,0")
    assert len(read_manifest(same)) == 2
    other = write_rows(tmp_path, "a.png,p,0,0,0,0,0", "c.png,p,1,1,0,0,0")

    # Then only the contradiction is a problem
    with pytest.raises(ManifestError, match="the same image with different labels"):
        read_manifest(other)


def test_masks_must_fit_their_micrographs(tmp_path: Path) -> None:
    # Given masks that are too small, coloured, no image, of an unknown value, and right
    write_mask(tmp_path / "small.png", 1, size=32)
    cv2.imwrite(str(tmp_path / "colour.png"), np.zeros((64, 64, 3), np.uint8))
    (tmp_path / "text.png").write_text("a mask")
    write_mask(tmp_path / "value.png", 255)
    write_mask(tmp_path / "right.png", 4)
    names = ("small", "colour", "text", "value", "right")
    path = write_rows(
        tmp_path,
        *(f"{number}.png,p,1,1,0,0,0,{name}.png" for number, name in enumerate(names)),
        header=WITH_MASK,
    )

    # When the manifest is read
    with pytest.raises(ManifestError) as caught:
        read_manifest(path)

    # Then each has its line, and the right one none
    problems = caught.value.problems
    assert len(problems) == 4
    assert "32 x 32 pixels, its micrograph 64 x 64" in problems[0]
    assert "is not 8-bit grey" in problems[1]
    assert "is no readable image" in problems[2]
    assert "has the value 255; expected 0 for none, or 1 to 4 for mesangial" in problems[3]


def test_contents_are_not_read_where_nobody_asks(tmp_path: Path) -> None:
    # Given a file that is no image
    (tmp_path / "a.png").write_text("text")
    path = write_rows(tmp_path, "a.png,p,0,0,0,0,0")

    # When only the manifest itself is checked
    # Then the file may be anything
    assert len(read_manifest(path, contents=False)) == 1
