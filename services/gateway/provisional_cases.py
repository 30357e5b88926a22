"""What the cases of a job look like so far, for one who watches its results."""

from services.common.case_rule import CaseTally
from services.common.messages import Outcome
from services.gateway.cases import Cases
from services.gateway.events import CaseSoFar

AT_ONCE = 200
"""Earlier results read in one round trip."""


class ProvisionalCases:
    """Tallies of the cases whose results pass by; a few kilobytes for each open case."""

    def __init__(self, cases: Cases, job: str) -> None:
        self._cases = cases
        self._job = job
        self._tallies: dict[str, CaseTally] = {}

    async def catch_up(self, position: int) -> None:
        """Takes in the results up to a position, which whoever resumes there has seen."""
        for start in range(1, position + 1, AT_ONCE):
            upto = range(start, min(start + AT_ONCE, position + 1))
            for outcome in await self._cases.outcomes(self._job, upto):
                self._take(outcome)

    async def after(self, outcome: Outcome) -> CaseSoFar | None:
        """The case so far, with this outcome; None for an image without case or a case result."""
        tally = self._take(outcome)
        if tally is None:
            return None
        rule = await self._cases.rule(tally.models[0].digest if tally.models else "")
        return CaseSoFar(tally.result(rule, final=False))

    def _take(self, outcome: Outcome) -> CaseTally | None:
        if outcome.case is not None:
            self._tallies.pop(outcome.case_id, None)
            return None
        if not outcome.case_id:
            return None
        tally = self._tallies.setdefault(outcome.case_id, CaseTally(outcome.case_id))
        tally.add(outcome)
        return tally
