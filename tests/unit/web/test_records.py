"""What the page remembers of images, and what it tells a browser that was away."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from services.web.cases import Cases
from services.web.database import Database
from services.web.feed import Feed
from services.web.records import NewImage, Records
from tests.unit.web.results import answer, error

VERSION_1 = """
CREATE TABLE images (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, case_id TEXT NOT NULL, pixel_size_nm REAL,
    created REAL NOT NULL, result TEXT, seq INTEGER NOT NULL);
CREATE TABLE reads (
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, reader TEXT NOT NULL,
    calls TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (image, reader));
CREATE TABLE gone (id TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE counter (seq INTEGER NOT NULL);
INSERT INTO counter VALUES (7);
INSERT INTO reads VALUES ('a', 'AB', '{"presence": 1}', 2.0);
"""


def _ids(changes: list[dict[str, Any]]) -> list[str]:
    return [str(one.get("id", one.get("case"))) for one in changes]


def test_a_browser_that_was_away_hears_each_change_once(records: Records, feed: Feed) -> None:
    # Given
    for name in ("a", "b"):
        records.add(NewImage(name, f"{name}.png"))
    seen = feed.after(0)[-1]["seq"]

    # When
    records.finish("a", answer())
    records.delete("b")

    # Then
    changes = feed.after(seen)
    assert _ids(changes) == ["a", "b"]
    assert changes[0]["result"]["outputs"]["presence"]["call"] == "positive"
    assert changes[1]["gone"]
    assert feed.after(changes[-1]["seq"]) == []
    assert _ids(feed.after(0)) == ["a"]


def test_many_changes_come_in_parts_and_none_is_left_out(records: Records, feed: Feed) -> None:
    # Given: images, two of them in a case, and one that is gone
    for number in range(5):
        records.add(NewImage(f"{number}", "x", "C" if number in (1, 3) else ""))
    records.delete("0")
    told: list[str] = []
    seen = 1

    # When
    while found := feed.after(seen, most=2):
        told += _ids(found)
        seen = found[-1]["seq"]

    # Then
    assert sorted(told) == ["0", "1", "2", "3", "4", "C"]


def test_heat_maps_are_kept_and_not_told_with_each_change(records: Records, feed: Feed) -> None:
    # Given
    records.add(NewImage("a", "a.png"))

    # When
    records.finish("a", answer())

    # Then
    assert "heat_maps" not in feed.after(0)[-1]["result"]
    assert records.heat_maps("a") == answer()["heat_maps"]
    assert "heat_maps" not in records.all()[0]["result"]
    assert records.all(heat_maps=True)[0]["result"]["heat_maps"] == answer()["heat_maps"]


def test_an_answer_that_comes_later_stands_and_an_error_never_replaces_one(
    records: Records,
) -> None:
    # Given
    records.add(NewImage("a", "a.png"))
    records.finish("a", error())

    # When / Then
    records.finish("a", answer(0.5))
    records.finish("a", error())
    assert records.all()[0]["result"]["outputs"]["presence"]["probability"] == 0.5
    records.finish("a", answer(0.6, version="1.1.0"))
    assert records.all()[0]["result"]["model"]["version"] == "1.1.0"


def test_a_reader_who_reads_again_replaces_the_own_call_only(records: Records) -> None:
    # Given
    records.add(NewImage("a", "a.png"))
    records.read("a", "AB", {"presence": 1})
    records.read("a", "CD", {"presence": 1})

    # When
    records.read("a", "AB", {"presence": 0})

    # Then
    reads = records.all()[0]["reads"]
    assert [(one["reader"], one["calls"]["presence"]) for one in reads] == [("AB", 0), ("CD", 1)]


def test_what_is_deleted_leaves_nothing(records: Records, database: Database) -> None:
    # Given
    records.add(NewImage("a", "a.png", "C1"))
    records.read("a", "AB", {"presence": 1})

    # When
    records.delete("a")

    # Then
    assert records.all() == []
    assert database.value("SELECT count(*) FROM reads") == 0


def test_only_answered_images_are_old(records: Records) -> None:
    # Given
    records.add(NewImage("a", "a.png"))
    records.add(NewImage("b", "b.png"))
    records.finish("a", answer())
    later = max(one["created"] for one in records.all()) + 1

    # Then: the files of what waits are needed
    assert records.older_than(later) == ["a"]
    assert records.older_than(0) == []


def test_it_is_there_when_the_page_starts_again(tmp_path: Path) -> None:
    # Given
    first = Database(tmp_path / "page.sqlite")
    Records(first).add(NewImage("a", "a.png"))
    Records(first).read("a", "AB", {"presence": 1})
    first.close()

    # When
    second = Database(tmp_path / "page.sqlite")

    # Then
    assert Records(second).all()[0]["reads"][0]["reader"] == "AB"
    second.close()


def test_a_change_that_fails_changes_nothing(records: Records, database: Database) -> None:
    # Given
    records.add(NewImage("a", "a.png", "C1"))
    before = database.number

    # When: the same image again
    try:
        records.add(NewImage("a", "a.png", "C2"))
    except sqlite3.IntegrityError:
        failed = True

    # Then
    assert failed
    assert database.number == before
    assert Cases(database).wanting() == ["C1"]


def test_a_database_of_the_first_version_is_gone_on_with(tmp_path: Path) -> None:
    # Given
    path = tmp_path / "page.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(VERSION_1)
        row = ("a", "a.png", "C1", 5.0, 1.0, json.dumps(answer()), 6)
        old.execute("INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    # When
    database = Database(path)

    # Then: as if it had been made by this one, and its case is asked for
    records = Records(database)
    (image,) = records.all()
    assert (image["name"], image["case"], image["upload"]) == ("a.png", "C1", "")
    assert image["reads"][0]["calls"] == {"presence": 1}
    assert "heat_maps" not in image["result"]
    assert records.heat_maps("a") == answer()["heat_maps"]
    assert Cases(database).wanting() == ["C1"]
    assert database.number > 7
    database.close()
