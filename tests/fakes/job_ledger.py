"""JobLedger in memory."""

from collections.abc import Sequence

from services.common.errors import Unavailable
from services.common.messages import ImageRecord, ImageRef, Outcome, encode_outcome
from tests.fakes.jobs import MemoryJobs


class FakeJobLedger:
    """See services.worker.job_ledger.JobLedger."""

    def __init__(self, state: MemoryJobs) -> None:
        self.state = state

    def pending(self, images: Sequence[ImageRef]) -> dict[ImageRef, ImageRecord]:
        """See JobLedger."""
        self._check()
        found = {}
        for image in images:
            job = self.state.jobs.get(image.job)
            if job and image.image_id in job.images and image.image_id not in job.outcomes:
                found[image] = job.images[image.image_id]
        return found

    def write(self, outcomes: Sequence[tuple[ImageRef, Outcome]]) -> None:
        """See JobLedger."""
        self._check()
        for image, outcome in outcomes:
            job = self.state.jobs.get(image.job)
            if job is None or image.image_id in job.outcomes:
                continue
            text = encode_outcome(outcome)
            job.results.append(text)
            job.outcomes[image.image_id] = len(job.results)
            for listener in self.state.listeners:
                listener(image.job, len(job.results), text)

    def _check(self) -> None:
        if self.state.down:
            raise Unavailable("The queue cannot be reached.", reason="QUEUE_UNAVAILABLE")
