"""One job at the service: the images of one case as they come, until the case is quiet."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from services.client import AsyncDensaClient, CaseResult, Image
from services.client.results import OUTPUTS
from services.web.answers import case_to_json, to_json
from services.web.cases import Cases, ToSend
from services.web.changes import Changes
from services.web.records import Json, Records


@dataclass(frozen=True, slots=True)
class Memory:
    """Where images are, and what is kept of their answers."""

    records: Records
    cases: Cases
    files: Path
    changes: Changes


class Round:
    """Asks the service about a case, in a job of its own, which is closed at the end.

    What comes after that goes into another round, with all images of the case: never into a
    closed case, and the answer for the case is always over all of them.

    Args:
        densa: The service.
        memory: Takes the answers.
        case_id: The case; empty for images without one.
        quiet_seconds: Without another image, after which the case is closed.
        busy: Whether more images may be about to come.
        crowded: Whether others wait for this round to end.
    """

    def __init__(
        self,
        densa: AsyncDensaClient,
        memory: Memory,
        case_id: str,
        *,
        quiet_seconds: float,
        busy: Callable[[], bool],
        crowded: Callable[[], bool],
    ) -> None:
        self._densa = densa
        self._memory = memory
        self._case_id = case_id
        self._quiet_seconds = quiet_seconds
        self._busy = busy
        self._crowded = crowded
        self._sent: set[str] = set()
        self._done: set[str] = set()

    async def run(self) -> None:
        """Until the case is quiet and everything sent has its answer. Raises DensaError."""
        last: Json | None = None
        results = self._densa.classify_cases(self._images(), provisional=True)
        async with aclosing(results):
            async for result in results:
                if not isinstance(result, CaseResult):
                    self._memory.records.finish(result.image_id, to_json(result))
                    self._done.add(result.image_id)
                elif result.final:
                    last = case_to_json(result)
                else:
                    self._memory.cases.so_far(self._case_id, case_to_json(result))
                self._memory.changes.notify()
        if self._case_id:
            self._memory.cases.answered(self._case_id, last, self._sent)
            self._memory.changes.notify()

    async def _images(self) -> AsyncGenerator[Image, None]:
        while unsent := await self._until_unsent():
            for one in unsent:
                self._sent.add(one.image_id)
                yield one

    async def _until_unsent(self) -> list[Image]:
        """Images that are to be sent now; none where the case is quiet."""
        now = asyncio.get_running_loop().time
        end = now() + self._quiet_seconds
        while True:
            seen = self._memory.changes.number
            found = self._memory.cases.to_send(self._case_id)
            if unsent := [self._image(one) for one in found if one.id not in self._sent]:
                return unsent
            if any(one.waits and one.id in self._done for one in found):
                return []  # asked about again: in this job it would be the same image
            if self._busy():
                await self._memory.changes.after(seen, None)
                end = now() + self._quiet_seconds
                continue
            if self._crowded():
                return []
            if not await self._memory.changes.after(seen, max(end - now(), 0.0)):
                return []

    def _image(self, one: ToSend) -> Image:
        return Image(
            self._memory.files / one.id,
            one.id,
            case_id=one.case_id,
            pixel_size_nm=one.pixel_size_nm,
            heat_maps=OUTPUTS,
        )
