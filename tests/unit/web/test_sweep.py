"""Files that nobody needs go; those of images that wait, and of uploads under way, stay."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from services.web.records import NewImage, Records
from services.web.sweep import LONGEST_UPLOAD_SECONDS, sweep
from tests.unit.web.results import answer
from tests.waiting import until

DAY = 86400.0


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("images", "previews"):
        (tmp_path / name).mkdir()
    return tmp_path / "images", tmp_path / "previews"


def _write(path: Path, age: float) -> None:
    path.write_bytes(b"x")
    os.utime(path, (time.time() - age, time.time() - age))


async def _swept(records: Records, folders: tuple[Path, Path], days: float, gone: Path) -> set[str]:
    task = asyncio.create_task(sweep(records, folders, days))
    await until(lambda: not gone.exists())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return {path.name for folder in folders for path in folder.iterdir()}


async def test_what_a_killed_page_left_goes_and_what_is_known_or_new_stays(
    records: Records, folders: tuple[Path, Path]
) -> None:
    # Given
    images, previews = folders
    records.add(NewImage("known", "a.png"))
    old = LONGEST_UPLOAD_SECONDS + 60
    for path in (images / "known", previews / "known.jpg", previews / "known.small.jpg"):
        _write(path, old)
    for path in (images / "lost", images / "half.part", previews / "lost.jpg"):
        _write(path, old)
    _write(images / "new", 1.0)
    _write(images / "coming.part", 1.0)

    # When
    left = await _swept(records, folders, 30, previews / "lost.jpg")

    # Then
    assert left == {"known", "known.jpg", "known.small.jpg", "new", "coming.part"}


async def test_the_files_of_old_images_go_but_not_of_those_that_wait(
    records: Records, folders: tuple[Path, Path]
) -> None:
    # Given
    for name in ("answered", "waiting"):
        records.add(NewImage(name, name))
        _write(folders[0] / name, 1.0)
    records.finish("answered", answer())

    # When: everything is old
    left = await _swept(records, folders, -1, folders[0] / "answered")

    # Then
    assert left == {"waiting"}
    assert len(records.all()) == 2
