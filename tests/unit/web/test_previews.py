"""Pictures for browsers, made by the real helper process."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.web.preview_process import LONGEST_SIDE, SMALL_SIDE
from services.web.previews import Previews
from services.web.removals import remove_files
from tests.images import draw_texture, tiff_bytes


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    files, previews = tmp_path / "images", tmp_path / "previews"
    files.mkdir()
    previews.mkdir()
    wide = draw_texture(900, 1800).astype(np.uint16) * 200 + 500
    (files / "wide").write_bytes(tiff_bytes(wide))
    (files / "broken").write_bytes(b"II*\0 and nothing more")
    return files, previews


def test_a_list_gets_a_small_picture_and_the_viewer_a_large_one(
    folders: tuple[Path, Path],
) -> None:
    # Given
    previews = Previews(*folders)

    # When
    small = asyncio.run(previews.get("wide", small=True))
    large = asyncio.run(previews.get("wide"))

    # Then
    assert small is not None
    assert large is not None
    with Image.open(small) as listed, Image.open(large) as whole:
        assert (listed.format, listed.size) == ("JPEG", (SMALL_SIDE, SMALL_SIDE // 2))
        assert (whole.format, whole.size) == ("JPEG", (LONGEST_SIDE, LONGEST_SIDE // 2))
    assert small.stat().st_size < large.stat().st_size / 10


def test_a_small_picture_is_made_where_only_the_large_one_is_there(
    folders: tuple[Path, Path],
) -> None:
    # Given: an earlier version made previews of one size
    files, kept = folders
    (kept / "wide.jpg").write_bytes(b"made before")

    # When, then
    assert asyncio.run(Previews(files, kept).get("wide", small=True)) == kept / "wide.small.jpg"


def test_what_cannot_be_shown_has_no_picture_of_any_size(folders: tuple[Path, Path]) -> None:
    # When, then
    for image in ("broken", "not there"):
        for small in (False, True):
            assert asyncio.run(Previews(*folders).get(image, small=small)) is None


def test_nothing_of_an_image_that_is_removed_stays(folders: tuple[Path, Path]) -> None:
    # Given
    asyncio.run(Previews(*folders).get("wide"))
    files, previews = folders
    assert len(list(previews.iterdir())) == 2

    # When
    remove_files(folders, "wide")

    # Then
    assert list(previews.iterdir()) == []
    assert [file.name for file in files.iterdir()] == ["broken"]
