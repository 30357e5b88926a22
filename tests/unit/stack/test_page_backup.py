"""What readers said and what the page was given are in a backup, whatever happens to the page."""

import shutil
from pathlib import Path

from services.stack.page_backup import back_up_page, restore_page
from services.web.database import Database
from services.web.records import NewImage, Records

CALLS = {"presence": 1, "mesangial": 0}


def _page(directory: Path) -> tuple[Database, Records]:
    (directory / "images").mkdir(parents=True, exist_ok=True)
    database = Database(directory / "page.sqlite")
    return database, Records(database)


def test_a_page_that_works_is_backed_up_and_restored_with_readers_calls(tmp_path: Path) -> None:
    # Given: a page with its database open, and what it wrote last only in SQLite's log
    page, target = tmp_path / "page", tmp_path / "backup"
    database, records = _page(page)
    (page / "images" / "a1").write_bytes(b"pixels")
    records.add(NewImage("a1", "a.png", "C1"))
    records.read("a1", "AB", CALLS)

    # When
    count = back_up_page(page, target)
    database.close()
    shutil.rmtree(page)
    restore_page(target, page)

    # Then
    assert count == 1
    restored, records = _page(page)
    (image,) = records.all()
    assert (image["name"], image["case"]) == ("a.png", "C1")
    assert [(read["reader"], read["calls"]) for read in image["reads"]] == [("AB", CALLS)]
    assert (page / "images" / "a1").read_bytes() == b"pixels"
    restored.close()


def test_an_image_that_is_deleted_meanwhile_does_not_end_a_backup(tmp_path: Path) -> None:
    # Given: known, and its file is gone
    database, records = _page(tmp_path / "page")
    records.add(NewImage("a1", "a.png"))
    database.close()

    # When / Then
    assert back_up_page(tmp_path / "page", tmp_path / "backup") == 1


def test_a_stack_without_a_page_is_backed_up_without_one(tmp_path: Path) -> None:
    # When / Then
    assert back_up_page(tmp_path / "page", tmp_path / "backup") is None
    assert not (tmp_path / "backup").exists()
    restore_page(tmp_path / "backup", tmp_path / "page")
    assert not (tmp_path / "page").exists()
