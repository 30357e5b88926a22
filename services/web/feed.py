"""What changed in the page's memory since a browser last looked."""

from services.web.cases import Cases
from services.web.database import Database
from services.web.records import Json, Records

MOST = 200
"""Images told of at once."""


class Feed:
    """Every change has a number, so that a browser can ask for what came after the last it saw."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._records = Records(database)
        self._cases = Cases(database)

    @property
    def number(self) -> int:
        """Of the last change."""
        return self._db.number

    def after(self, number: int, most: int = MOST) -> list[Json]:
        """What changed after a number, oldest first; each with its own `seq`."""
        images = self._records.changes(number, most)
        others = [*self._cases.changes(number), *(self._records.gone(number) if number else [])]
        if len(images) == most:  # the rest comes next time
            others = [one for one in others if one["seq"] <= images[-1]["seq"]]
        return sorted([*images, *others], key=lambda one: one["seq"])
