"""What the page remembers, in SQLite: images, their results, what readers said of them."""

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS images (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, case_id TEXT NOT NULL, pixel_size_nm REAL,
    created REAL NOT NULL, result TEXT, seq INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS images_by_seq ON images (seq);
CREATE TABLE IF NOT EXISTS reads (
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, reader TEXT NOT NULL,
    calls TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (image, reader));
CREATE TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS counter (seq INTEGER NOT NULL);
"""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An image without result."""

    id: str
    case_id: str
    pixel_size_nm: float | None


class Records:
    """The page's memory. Every change has a number, so that a browser can ask what is new.

    Args:
        path: Of the database; made where it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA)
        if self._db.execute("SELECT count(*) FROM counter").fetchone()[0] == 0:
            self._db.execute("INSERT INTO counter VALUES (0)")

    def add(self, image: str, name: str, case_id: str, pixel_size_nm: float | None) -> None:
        """A new image, without result."""
        row = (image, name, case_id, pixel_size_nm, time.time())
        self._change("INSERT INTO images VALUES (?, ?, ?, ?, ?, NULL, {seq})", row)

    def finish(self, image: str, result: Json) -> None:
        """The image's result."""
        self._change(
            "UPDATE images SET result = ?, seq = {seq} WHERE id = ?", (json.dumps(result), image)
        )

    def read(self, image: str, reader: str, calls: Json) -> None:
        """What a reader said; a second time goes before the first."""
        row = (image, reader, json.dumps(calls), time.time())
        self._db.execute("INSERT OR REPLACE INTO reads VALUES (?, ?, ?, ?)", row)
        self._change("UPDATE images SET seq = {seq} WHERE id = ?", (image,))

    def delete(self, image: str) -> None:
        """Forgets the image, its result and what readers said of it."""
        self._change("INSERT OR REPLACE INTO gone VALUES (?, {seq})", (image,))
        self._db.execute("DELETE FROM images WHERE id = ?", (image,))

    def waiting(self) -> list[Waiting]:
        """Images without result, the oldest first."""
        rows = self._db.execute(
            "SELECT id, case_id, pixel_size_nm FROM images WHERE result IS NULL ORDER BY created"
        )
        return [Waiting(*row) for row in rows]

    def has(self, image: str) -> bool:
        """Whether it is known."""
        return (
            self._db.execute("SELECT 1 FROM images WHERE id = ?", (image,)).fetchone() is not None
        )

    def older_than(self, moment: float) -> list[str]:
        """Images that have a result and came before `moment`, in seconds since the epoch."""
        rows = self._db.execute(
            "SELECT id FROM images WHERE created < ? AND result IS NOT NULL", (moment,)
        )
        return [row[0] for row in rows]

    def changes(self, after: int, most: int = 200) -> list[Json]:
        """What changed after a number, oldest first; each with its own `seq`."""
        gone = self._db.execute("SELECT id, seq FROM gone WHERE seq > ? ORDER BY seq", (after,))
        found = [{"id": row[0], "seq": row[1], "gone": True} for row in gone] if after else []
        rows = self._db.execute(
            "SELECT * FROM images WHERE seq > ? ORDER BY seq LIMIT ?", (after, most)
        ).fetchall()
        if len(rows) == most:  # the rest comes next time
            found = [one for one in found if one["seq"] < rows[-1][6]]
        return sorted([*found, *self._images(rows)], key=lambda one: one["seq"])

    def all(self, case_id: str | None = None) -> list[Json]:
        """Every image, or those of a case, by case and age."""
        where, values = ("WHERE case_id = ?", (case_id,)) if case_id is not None else ("", ())
        rows = self._db.execute(
            f"SELECT * FROM images {where} ORDER BY case_id, created",  # noqa: S608  # constants
            values,
        )
        return list(self._images(rows))

    def _images(self, rows: Iterable[Any]) -> Iterable[Json]:
        for image, name, case_id, pixel_size_nm, created, result, seq in rows:
            reads = self._db.execute(
                "SELECT reader, calls, created FROM reads WHERE image = ? ORDER BY reader", (image,)
            )
            yield {
                "id": image,
                "name": name,
                "case": case_id,
                "pixel_size_nm": pixel_size_nm,
                "created": created,
                "seq": seq,
                "result": json.loads(result) if result else None,
                "reads": [
                    {"reader": reader, "calls": json.loads(calls), "created": when}
                    for reader, calls, when in reads
                ],
            }

    def _change(self, statement: str, values: tuple[Any, ...]) -> None:
        """One statement with the next number for its {seq}, both or neither."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("UPDATE counter SET seq = seq + 1")
            number = self._db.execute("SELECT seq FROM counter").fetchone()[0]
            self._db.execute(statement.format(seq=int(number)), values)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
