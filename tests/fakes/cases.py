"""Cases in memory."""

from collections.abc import Sequence

from services.common.case_rule import CaseRule, read_rule
from services.common.errors import NotFound, Unavailable
from services.common.messages import Outcome, decode_outcome, encode_outcome
from services.gateway.job_registry import unknown_job
from tests.fakes.jobs import MemoryJob, MemoryJobs


class FakeCases:
    """See services.gateway.cases.Cases."""

    def __init__(self, state: MemoryJobs) -> None:
        self.state = state
        self.manifests: dict[str, str] = {}
        """By the model's digest."""

    async def close(self, job: str, case_id: str = "") -> int:
        """See Cases."""
        found = self._job(job)
        if found is None:
            raise unknown_job(job, "job")
        if case_id and not found.images_of(case_id):
            raise NotFound("No such case.", reason="CASE_NOT_FOUND", field="case_id")
        closes = found.open_cases & {case_id} if case_id else set(found.open_cases)
        found.closed = found.closed or not case_id
        found.open_cases -= closes
        found.closed_cases |= closes
        found.cases_due += len(closes)
        return found.cases_due

    async def closed(self, job: str) -> list[str]:
        """See Cases."""
        found = self._job(job)
        return sorted(found.closed_cases) if found else []

    async def positions(self, job: str, case_id: str) -> list[int]:
        """See Cases."""
        found = self._job(job)
        if found is None or case_id not in found.closed_cases:
            return []
        positions = [found.outcomes.get(image_id, 0) for image_id in found.images_of(case_id)]
        return positions if all(positions) else []

    async def outcomes(self, job: str, positions: Sequence[int]) -> list[Outcome]:
        """See Cases."""
        found = self._job(job)
        return [decode_outcome(found.results[at - 1]) for at in positions] if found else []

    async def rule(self, digest: str) -> CaseRule:
        """See Cases."""
        return read_rule(self.manifests.get(digest))

    async def write(self, job: str, outcome: Outcome) -> None:
        """See Cases."""
        found = self._job(job)
        case_id = outcome.case.case_id if outcome.case else ""
        if found is None or case_id not in found.closed_cases:
            return
        found.closed_cases.discard(case_id)
        self.state.append(job, encode_outcome(outcome))

    def _job(self, name: str) -> MemoryJob | None:
        if self.state.down:
            raise Unavailable("The queue cannot be reached.", reason="QUEUE_UNAVAILABLE")
        return self.state.jobs.get(name)
