"""A copy of the page holds its records as they are, and each image that they know."""

import io
import sqlite3
import tarfile
from pathlib import Path

from services.web.copy import copy
from services.web.database import Database
from services.web.records import NewImage, Records


def test_a_copy_of_a_page_at_work_is_whole(tmp_path: Path) -> None:
    # Given: a page whose last change is in its write-ahead log, with an upload under way
    data, out = tmp_path / "page", io.BytesIO()
    (data / "images").mkdir(parents=True)
    records = Records(Database(data / "page.sqlite"))
    records.add(NewImage("a" * 32, "field.tif", "C1", 5.0))
    (data / "images" / ("a" * 32)).write_bytes(b"pixels")
    (data / "images" / "b.part").write_bytes(b"half")

    # When
    copy(data, out)

    # Then
    out.seek(0)
    with tarfile.open(fileobj=out) as tar:
        assert tar.getnames() == ["page.sqlite", "images", f"images/{'a' * 32}"]
        tar.extractall(tmp_path / "restored", filter="data")
    with sqlite3.connect(tmp_path / "restored/page.sqlite") as database:
        assert database.execute("SELECT name, case_id FROM images").fetchall() == [
            ("field.tif", "C1")
        ]
    database.close()
    assert not [path for path in data.iterdir() if path.is_dir() and path.name != "images"]
