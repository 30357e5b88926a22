"""From paths to images and their ids."""

from pathlib import Path

import pytest

from services.client.discovery import find_images


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"pixels")


def test_folders_are_walked_for_images_that_are_not_hidden(tmp_path: Path) -> None:
    # Given
    _touch(
        tmp_path / "biopsy",
        "b.TIF",
        "a.jpg",
        "deep/er/c.png",
        "notes.txt",
        ".hidden.tif",
        ".cache/d.tif",
    )

    # When
    images = find_images([tmp_path / "biopsy"])

    # Then
    assert [image.image_id for image in images] == [
        "biopsy/a.jpg",
        "biopsy/b.TIF",
        "biopsy/deep/er/c.png",
    ]
    assert images[0].path == str(tmp_path / "biopsy" / "a.jpg")


def test_a_file_that_is_named_is_always_tried(tmp_path: Path) -> None:
    # Given
    _touch(tmp_path, ".hidden", "scan.dm3")

    # When
    images = find_images([tmp_path / ".hidden", tmp_path / "scan.dm3", tmp_path / "vanished.tif"])

    # Then
    assert [image.image_id for image in images] == [".hidden", "scan.dm3", "vanished.tif"]


def test_ids_never_hold_where_a_folder_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    _touch(tmp_path / "one" / "biopsy", "a.tif")
    _touch(tmp_path / "two" / "biopsy", "a.tif")
    monkeypatch.chdir(tmp_path / "one" / "biopsy")

    # When
    images = find_images([Path(), tmp_path / "two" / "biopsy", tmp_path / "one/biopsy/a.tif"])

    # Then
    assert [image.image_id for image in images] == ["biopsy/a.tif", "biopsy/a.tif~2", "a.tif"]


def test_what_holds_for_all_is_in_each(tmp_path: Path) -> None:
    # Given
    _touch(tmp_path, "a.tif", "b.tif")

    # When
    images = find_images([tmp_path], case_id="biopsy 17", pixel_size_nm=4.5)

    # Then
    assert {(image.case_id, image.pixel_size_nm) for image in images} == {("biopsy 17", 4.5)}
