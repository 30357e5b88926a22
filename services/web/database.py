"""The page's database: its tables, and a number for every change."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS images (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, case_id TEXT NOT NULL, pixel_size_nm REAL,
    created REAL NOT NULL, result TEXT, seq INTEGER NOT NULL,
    upload TEXT NOT NULL DEFAULT '', heat_maps TEXT);
CREATE INDEX IF NOT EXISTS images_by_seq ON images (seq);
CREATE INDEX IF NOT EXISTS images_by_case ON images (case_id, created);
CREATE INDEX IF NOT EXISTS images_by_upload ON images (upload);
CREATE INDEX IF NOT EXISTS images_without_result ON images (case_id) WHERE result IS NULL;
CREATE TABLE IF NOT EXISTS cases (
    case_id TEXT PRIMARY KEY, result TEXT, due INTEGER NOT NULL, seq INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS cases_by_seq ON cases (seq);
CREATE TABLE IF NOT EXISTS reads (
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, reader TEXT NOT NULL,
    calls TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (image, reader));
CREATE TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS counter (seq INTEGER NOT NULL);
"""

ALL_CASES_ARE_DUE = (
    "INSERT OR IGNORE INTO cases "
    "SELECT DISTINCT case_id, NULL, 1, {seq} FROM images WHERE case_id <> ''"
)

VERSION = 2
"""Of the tables. 1 had neither cases nor uploads, and heat maps within results."""

Statement = tuple[str, Sequence[Any]]


class Database:
    """SQLite that keeps what it was told when power fails.

    Args:
        path: Of the file; made where it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        if self.value("PRAGMA user_version") < VERSION:
            self._upgrade()

    @property
    def number(self) -> int:
        """Of the last change."""
        return int(self.value("SELECT seq FROM counter"))

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What a query finds."""
        return self._db.execute(query, values).fetchall()

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None where there is none."""
        row = self._db.execute(query, values).fetchone()
        return row[0] if row else None

    def change(self, *statements: Statement) -> None:
        """All statements with the next number for their {seq}, or none of them."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("UPDATE counter SET seq = seq + 1")
            number = self.number
            for statement, values in statements:
                self._db.execute(statement.format(seq=number), values)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def _upgrade(self) -> None:
        columns = [row[1] for row in self.rows("PRAGMA table_info (images)")]
        if columns and "upload" not in columns:
            self._db.execute("ALTER TABLE images ADD COLUMN upload TEXT NOT NULL DEFAULT ''")
            self._db.execute("ALTER TABLE images ADD COLUMN heat_maps TEXT")
        self._db.executescript(SCHEMA)
        if self.value("SELECT count(*) FROM counter") == 0:
            self._db.execute("INSERT INTO counter VALUES (0)")
        for image, text in self.rows("SELECT id, result FROM images WHERE result IS NOT NULL"):
            result = json.loads(text)
            maps = json.dumps(result.pop("heat_maps", {}))
            values = (json.dumps(result), maps, image)
            self._db.execute("UPDATE images SET result = ?, heat_maps = ? WHERE id = ?", values)
        self.change((ALL_CASES_ARE_DUE, ()))
        self._db.execute(f"PRAGMA user_version = {VERSION}")
