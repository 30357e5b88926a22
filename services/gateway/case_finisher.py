"""Gives closed cases their result once every image of theirs has its outcome.

A case result follows from outcomes that are written, and Redis takes the first one: so any
gateway may make it, also two at once, and one that dies half-way leaves nothing undone. It is
made when a worker says that a closed case may be complete, and looked for when a job is closed
or watched and every few seconds after, for what was said may have been lost.
"""

import asyncio
import random

import structlog

from services.common.case_rule import CaseTally
from services.common.errors import DensaError
from services.common.messages import Outcome
from services.gateway.cases import Cases

log = structlog.get_logger()

AT_ONCE = 200
"""Outcomes read in one round trip: bounded memory, however many images a case has."""

IN_VAIN = 200
"""Cases that are not complete, one after the other, after which a look gives up for now."""

LOOK_SECONDS = 5.0
"""How often whoever waits for a job's results looks for cases that are complete."""


class CaseFinisher:
    """Looks after the cases of jobs that somebody watches."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._looking: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._again: set[tuple[str, str]] = set()

    def look(self, job: str, case_id: str = "") -> None:
        """Looks at a closed case of a job, or at all; soon, not now."""
        asked = job, case_id
        if asked in self._looking:
            self._again.add(asked)  # what that one has read may be older than the question
            return
        self._looking[asked] = asyncio.create_task(self._look(job, case_id))
        self._looking[asked].add_done_callback(lambda _: self._looked(asked))

    def _looked(self, asked: tuple[str, str]) -> None:
        del self._looking[asked]
        if asked in self._again:
            self._again.discard(asked)
            self.look(*asked)

    async def _look(self, job: str, case_id: str) -> None:
        try:
            if case_id:
                await self.finish(job, case_id)
            else:
                await self._look_at_all(job)
        except DensaError as error:  # whoever waits looks again
            log.warning("case_waits", job=job, reason=error.reason)

    async def _look_at_all(self, job: str) -> None:
        """In no order, so that looks that gave up look at others the next time."""
        cases = await self._cases.closed(job)
        random.shuffle(cases)
        in_vain = 0
        for case_id in cases:
            in_vain = 0 if await self.finish(job, case_id) else in_vain + 1
            if in_vain == IN_VAIN:
                return

    async def finish(self, job: str, case_id: str) -> bool:
        """Writes the case's result if its time has come; whether it has. Raises Unavailable."""
        positions = await self._cases.positions(job, case_id)
        if not positions:
            return False
        tally = CaseTally(case_id)
        for start in range(0, len(positions), AT_ONCE):
            for outcome in await self._cases.outcomes(job, positions[start : start + AT_ONCE]):
                tally.add(outcome)
        if tally.images < len(positions):  # the job was deleted meanwhile
            return False
        rule = await self._cases.rule(tally.models[0].digest if tally.models else "")
        result = tally.result(rule, final=True)
        await self._cases.write(job, Outcome("", case_id, case=result))
        return True
