"""The books of one stream: which images are open, which the service has accepted.

No gRPC, no asyncio in here: what has to survive a broken connection, and the
rules by which each result is handed on exactly once.
"""

from collections import deque
from dataclasses import dataclass, replace

from densa.v1.classification_service_pb2 import (
    ClassifyMicrographsRequest,
    ClassifyMicrographsResponse,
)

from services.client.cases import CaseResult, to_case_result
from services.client.converters import to_rejection, to_result
from services.client.images import Image
from services.client.journal import Journal
from services.client.results import MicrographResult


@dataclass(slots=True)
class Entry:
    """An image without a result. Its bytes are held until the service has accepted them."""

    image: Image
    message: ClassifyMicrographsRequest | None

    @property
    def accepted(self) -> bool:
        """Whether the service keeps the image: it must not be sent again."""
        return self.message is None


class Ledger:
    """Open images in the order in which they were added, the job's name and the cursor.

    Args:
        journal: Told of what has to survive this process; its job is gone on with.
        cases: Whether the job is closed after its last image, and its cases have results.
    """

    def __init__(self, journal: Journal | None = None, *, cases: bool = False) -> None:
        self._journal = journal
        self.closes = cases
        self._cases_due: int | None = None
        self._cases: set[str] = set()
        self.job = journal.job if journal else ""
        self.cursor = ""
        self.complete = False
        """No image will be added any more."""
        self.progress = 0
        """Counts what the service said about images."""
        self._open: dict[str, Entry] = {}
        self._unsent: deque[Entry] = deque()
        for image in journal.pending() if journal else ():
            self._open[image.image_id] = Entry(image, None)

    @property
    def open(self) -> int:
        """Images without a result."""
        return len(self._open)

    @property
    def unacknowledged(self) -> int:
        """Images whose bytes are held here."""
        return sum(not entry.accepted for entry in self._open.values())

    @property
    def done(self) -> bool:
        """Every image, and every case, has its result and none will be added."""
        cases = not self.closes or (
            self._cases_due is not None and len(self._cases) >= self._cases_due
        )
        return self.complete and not self._open and cases

    def add(self, image: Image, message: ClassifyMicrographsRequest) -> None:
        """One more image to send. Its image_id is new to this ledger."""
        entry = Entry(image, message)
        self._open[image.image_id] = entry
        self._unsent.append(entry)

    def has_unsent(self) -> bool:
        """Whether `next_unsent` has a message."""
        return bool(self._unsent)

    def next_unsent(self) -> ClassifyMicrographsRequest | None:
        """The next message to write on this connection; None where there is none now."""
        while self._unsent:
            # What was answered while it waited here (its Accepted was lost with
            # the last connection) has no message any more.
            if (message := self._unsent.popleft().message) is not None:
                return message
        return None

    def reconnect(self) -> None:
        """A new connection begins: what was not accepted is to be sent again, in order."""
        self._unsent = deque(entry for entry in self._open.values() if not entry.accepted)

    def record(self, response: ClassifyMicrographsResponse) -> MicrographResult | CaseResult | None:
        """Enter what the service said; the result in it, if it is one and the first for its image
        or, where final, its case.

        The cursor moves with the same step as the books, so a connection that
        breaks after it continues after it.
        """
        kind = response.WhichOneof("response")
        if response.cursor:
            self.cursor = response.cursor
        if kind != "job_opened":
            self.progress += 1
        match kind:
            case "job_opened":
                self._opened(response.job_opened.job)
            case "accepted":
                self._accepted(response.accepted.image_id)
            case "closed":
                self._cases_due = response.closed.case_results
            case "rejected":
                return self._close(to_rejection(response.rejected))
            case "result":
                return self._close(to_result(response.result))
            case "case_result":
                return self._case(to_case_result(response.case_result))
        return None

    def _opened(self, job: str) -> None:
        self.job = job
        if self._journal:
            self._journal.opened(job)

    def _accepted(self, image_id: str) -> None:
        entry = self._open.get(image_id)
        if entry and not entry.accepted:
            entry.message = None
            if self._journal:
                self._journal.was_accepted(entry.image)

    def _case(self, case: CaseResult) -> CaseResult | None:
        if not self.closes or case.case_id in self._cases:
            return None
        if case.final:
            self._cases.add(case.case_id)
        return case

    def _close(self, result: MicrographResult) -> MicrographResult | None:
        entry = self._open.pop(result.image_id, None)
        if entry is None:
            return None
        entry.message = None
        case_id = entry.image.case_id or result.case_id
        return replace(result, case_id=case_id, path=entry.image.path)
