"""A file is the old or the new one, never a part."""

from pathlib import Path

import pytest

from services.training.atomic import StorageError, replace_file
from tests.volumes import full_disk


def test_a_file_is_replaced(tmp_path: Path) -> None:
    # Given a file
    path = tmp_path / "last.pt"
    path.write_bytes(b"old")

    # When it is replaced
    replace_file(path, b"new")

    # Then it is the new one and nothing lies beside it
    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["last.pt"]


def test_a_full_disk_leaves_the_file_before_and_says_what_to_do(tmp_path: Path) -> None:
    # Given a file, and no room for a larger one
    path = tmp_path / "last.pt"
    path.write_bytes(b"old")

    # When a larger one is to replace it
    with full_disk(1000), pytest.raises(StorageError) as caught:
        replace_file(path, b"x" * 5000)

    # Then the old one is there, no part lies about, and the message helps
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["last.pt"]
    assert str(path) in str(caught.value)
    assert "make room" in str(caught.value)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    # Given no folder
    # When a file is to be written into it
    # Then the error names the file
    with pytest.raises(StorageError, match="absent/x"):
        replace_file(tmp_path / "absent" / "x", b"")
