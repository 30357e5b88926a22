"""What the page remembers of cases: which are to be answered, and what the service said of them."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from services.web.database import Database
from services.web.records import Json


@dataclass(frozen=True, slots=True)
class ToSend:
    """An image that the service is to be asked about."""

    id: str
    case_id: str
    pixel_size_nm: float | None
    waits: bool
    """Whether it has no result: the others are sent again for the answer for their case."""


class Cases:
    """The cases in the page's database. A case is due while its images are not those of its answer.

    The case without a name holds the images without a case; it has no answer of its own.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def wanting(self) -> list[str]:
        """Cases with something to ask the service about."""
        found = [
            row[0] for row in self._db.rows("SELECT case_id FROM cases WHERE due ORDER BY seq")
        ]
        query = "SELECT 1 FROM images WHERE case_id = '' AND result IS NULL LIMIT 1"
        return [*found, ""] if self._db.value(query) else found

    def to_send(self, case_id: str) -> list[ToSend]:
        """Images to ask about, the oldest first: those without result, and all of a due case.

        Its answer is over all of its images, and comes from the job that they are in.
        """
        rows = self._db.rows(
            "SELECT id, case_id, pixel_size_nm, result IS NULL FROM images "
            "WHERE case_id = ?1 AND (result IS NULL OR EXISTS "
            "(SELECT 1 FROM cases WHERE case_id = ?1 AND due)) ORDER BY created",
            (case_id,),
        )
        return [ToSend(row[0], row[1], row[2], bool(row[3])) for row in rows]

    def so_far(self, case_id: str, result: Json) -> None:
        """What is known of a case now; dropped where more is known already."""
        before = self.result(case_id)
        if before is None or before["images"] <= result["images"]:
            self._db.change(
                (
                    "UPDATE cases SET result = ?, seq = {seq} WHERE case_id = ?",
                    (json.dumps(result), case_id),
                )
            )

    def answered(self, case_id: str, result: Json | None, asked: Collection[str]) -> None:
        """The last word over the images `asked`; None where none of them was accepted.

        The case stays due where it has other images by now, or one that is to be asked about again.
        """
        rows = self._db.rows("SELECT id, result IS NULL FROM images WHERE case_id = ?", (case_id,))
        there, waits = {row[0] for row in rows}, any(row[1] for row in rows)
        due = bool(there) and (waits or there != set(asked))
        values = (json.dumps(result) if result and there else None, due, case_id)
        self._db.change(
            ("UPDATE cases SET result = ?, due = ?, seq = {seq} WHERE case_id = ?", values)
        )

    def result(self, case_id: str) -> Json | None:
        """What is known of a case."""
        text = self._db.value("SELECT result FROM cases WHERE case_id = ?", (case_id,))
        found: Json | None = json.loads(text) if text else None
        return found

    def all(self, case_id: str | None = None) -> list[Json]:
        """Every case that has images, or one, by name."""
        query = (
            "SELECT case_id, result, due, seq FROM cases WHERE case_id IN "
            "(SELECT case_id FROM images) AND (?1 IS NULL OR case_id = ?1) ORDER BY case_id"
        )
        return [_case(*row) for row in self._db.rows(query, (case_id,))]

    def changes(self, after: int) -> list[Json]:
        """Cases that changed after a number, oldest first."""
        query = "SELECT case_id, result, due, seq FROM cases WHERE seq > ? ORDER BY seq"
        return [_case(*row) for row in self._db.rows(query, (after,))]


def _case(case_id: str, result: str | None, due: int, seq: int) -> Json:
    found = json.loads(result) if result else None
    return {"case": case_id, "result": found, "due": bool(due), "seq": seq, "is_case": True}
