"""What the page remembers of images: their results, and what readers said of them."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.web.database import Database, Statement

Json = dict[str, Any]

CASE_IS_DUE = (
    "INSERT INTO cases VALUES (?, NULL, 1, {seq}) "
    "ON CONFLICT (case_id) DO UPDATE SET due = 1, seq = {seq}"
)

COLUMNS = "id, name, case_id, pixel_size_nm, created, result, seq, upload"


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image as it was uploaded. Those of one upload were given together."""

    id: str
    name: str
    case_id: str = ""
    pixel_size_nm: float | None = None
    upload: str = ""


class Records:
    """The images in the page's database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, image: NewImage) -> None:
        """A new image, without result; what is known of its case is to be asked for again."""
        row = (image.id, image.name, image.case_id, image.pixel_size_nm, time.time(), image.upload)
        added: list[Statement] = [
            ("INSERT INTO images VALUES (?, ?, ?, ?, ?, NULL, {seq}, ?, NULL)", row)
        ]
        if image.case_id:
            added.append((CASE_IS_DUE, (image.case_id,)))
        self._db.change(*added)

    def finish(self, image: str, result: Json) -> None:
        """The image's result. One that comes later goes before, but no error before an answer."""
        before = self._db.value("SELECT result FROM images WHERE id = ?", (image,))
        if before is not None and "error" in result and "error" not in json.loads(before):
            return
        answer = {name: value for name, value in result.items() if name != "heat_maps"}
        values = (json.dumps(answer), json.dumps(result.get("heat_maps", {})), image)
        self._db.change(
            ("UPDATE images SET result = ?, heat_maps = ?, seq = {seq} WHERE id = ?", values)
        )

    def ask_again(self, image: str) -> None:
        """The image has no result: it is asked about again, and with it its case."""
        case_id = self._db.value("SELECT case_id FROM images WHERE id = ?", (image,))
        changed: list[Statement] = [
            (
                "UPDATE images SET result = NULL, heat_maps = NULL, seq = {seq} WHERE id = ?",
                (image,),
            )
        ]
        if case_id:
            changed.append((CASE_IS_DUE, (case_id,)))
        self._db.change(*changed)

    def failed(self, image: str) -> bool:
        """Whether it has a result, which is an error."""
        text = self._db.value("SELECT result FROM images WHERE id = ?", (image,))
        return text is not None and "error" in json.loads(text)

    def read(self, image: str, reader: str, calls: Json) -> None:
        """What a reader said; a second time goes before the first."""
        row = (image, reader, json.dumps(calls), time.time())
        self._db.change(
            ("INSERT OR REPLACE INTO reads VALUES (?, ?, ?, ?)", row),
            ("UPDATE images SET seq = {seq} WHERE id = ?", (image,)),
        )

    def delete(self, *images: str) -> None:
        """Forgets images, their results and reads; their cases are asked about anew."""
        removed: list[Statement] = []
        for image in images:
            case_id = self._db.value("SELECT case_id FROM images WHERE id = ?", (image,))
            removed.append(("INSERT OR REPLACE INTO gone VALUES (?, {seq})", (image,)))
            removed.append(("DELETE FROM images WHERE id = ?", (image,)))
            if case_id:
                removed.append((CASE_IS_DUE, (case_id,)))
        self._db.change(*removed)

    def ids(self) -> list[str]:
        """Every image."""
        return [row[0] for row in self._db.rows("SELECT id FROM images")]

    def has(self, image: str) -> bool:
        """Whether it is known."""
        return self._db.value("SELECT 1 FROM images WHERE id = ?", (image,)) is not None

    def of_upload(self, upload: str) -> list[str]:
        """The images that were given together."""
        return [
            row[0] for row in self._db.rows("SELECT id FROM images WHERE upload = ?", (upload,))
        ]

    def older_than(self, moment: float) -> list[str]:
        """Images that have a result and came before `moment`, in seconds since the epoch."""
        query = "SELECT id FROM images WHERE created < ? AND result IS NOT NULL"
        return [row[0] for row in self._db.rows(query, (moment,))]

    def heat_maps(self, image: str) -> Json:
        """The image's heat maps by output, as far as there are any."""
        text = self._db.value("SELECT heat_maps FROM images WHERE id = ?", (image,))
        found: Json = json.loads(text) if text else {}
        return found

    def all(self, case_id: str | None = None, *, heat_maps: bool = False) -> list[Json]:
        """Every image, or those of a case, by case and age."""
        where, values = ("WHERE case_id = ?", (case_id,)) if case_id is not None else ("", ())
        query = f"SELECT {COLUMNS} FROM images {where} ORDER BY case_id, created"  # noqa: S608  # constants
        images = [self._image(row) for row in self._db.rows(query, values)]
        for image in images if heat_maps else ():
            if image["result"] and "error" not in image["result"]:
                image["result"]["heat_maps"] = self.heat_maps(image["id"])
        return images

    def changes(self, after: int, most: int) -> list[Json]:
        """Images that changed after a number, oldest first; without heat maps."""
        query = f"SELECT {COLUMNS} FROM images WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608  # constants
        return [self._image(row) for row in self._db.rows(query, (after, most))]

    def gone(self, after: int) -> list[Json]:
        """Images that were deleted after a number."""
        rows = self._db.rows("SELECT id, seq FROM gone WHERE seq > ? ORDER BY seq", (after,))
        return [{"id": row[0], "seq": row[1], "gone": True} for row in rows]

    def _image(self, row: Sequence[Any]) -> Json:
        image, name, case_id, pixel_size_nm, created, result, seq, upload = row
        query = "SELECT reader, calls, created FROM reads WHERE image = ? ORDER BY reader"
        return {
            "id": image,
            "name": name,
            "case": case_id,
            "pixel_size_nm": pixel_size_nm,
            "created": created,
            "seq": seq,
            "upload": upload,
            "result": json.loads(result) if result else None,
            "reads": [
                {"reader": reader, "calls": json.loads(calls), "created": when}
                for reader, calls, when in self._db.rows(query, (image,))
            ],
        }
