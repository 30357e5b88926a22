"""What one stream has to do with the cases of its job."""

import asyncio

from services.common.errors import NotFound
from services.common.messages import Outcome
from services.gateway.case_finisher import LOOK_SECONDS
from services.gateway.events import CaseSoFar, Closed
from services.gateway.parts import Parts
from services.gateway.provisional_cases import ProvisionalCases


class StreamCases:
    """The cases of a stream's job; `provisional`: whether it tells of open ones, too."""

    def __init__(self, parts: Parts, job: str, *, provisional: bool) -> None:
        self._cases = parts.cases
        self._finisher = parts.finisher
        self._job = job
        self._so_far = ProvisionalCases(parts.cases, job) if provisional else None

    async def close(self, case_id: str) -> Closed:
        """Closes a case; empty: the job. Raises NotFound where the job is gone."""
        try:
            return Closed(case_id, await self._cases.close(self._job, case_id))
        except NotFound as error:
            if error.reason != "CASE_NOT_FOUND":
                raise
            return Closed(case_id, error=error)

    def look(self, case_id: str = "") -> None:
        """Looks soon whether a closed case, or any, is complete."""
        self._finisher.look(self._job, case_id)

    async def see_to_it(self) -> None:
        """Looks again and again: word that a case is complete may be lost."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def catch_up(self, position: int) -> None:
        """Takes in the results up to a position, which the client has seen."""
        if self._so_far is not None:
            await self._so_far.catch_up(position)

    async def after(self, outcome: Outcome) -> CaseSoFar | None:
        """What is to be told of a case after an outcome; None for nothing."""
        return None if self._so_far is None else await self._so_far.after(outcome)
