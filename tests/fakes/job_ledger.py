"""JobLedger in memory."""

import time
from collections.abc import Sequence

from services.common.errors import Unavailable
from services.common.messages import ImageRef, Outcome, encode_outcome
from services.worker.job_ledger import Claim, Claimed, ClaimState, Verdict
from tests.fakes.jobs import MemoryJobs


class FakeJobLedger:
    """See services.worker.job_ledger.JobLedger. No worker ever dies here."""

    def __init__(self, state: MemoryJobs, batch_size: int = 16) -> None:
        self.state = state
        self._batch_size = batch_size
        self.lasting = True
        """Whether what is written outlives a primary."""

    def claim(self, *, exclusive: bool) -> Claim:
        """See JobLedger."""
        del exclusive
        self._check()
        images: list[Claimed] = []
        while self.state.waiting and len(images) < self._batch_size:
            image = self.state.waiting.popleft()
            job = self.state.jobs.get(image.job)
            if job is None or image.image_id in job.outcomes:
                continue
            self.state.leases.add(image)
            images.append(Claimed(image, self.state.record(image), self._verdict(image)))
        state = ClaimState.TAKEN if images else ClaimState.EMPTY
        return Claim(state, self.state.now, tuple(images))

    def _verdict(self, image: ImageRef) -> Verdict:
        job = self.state.jobs[image.job]
        wait = job.images[image.image_id].max_wait_seconds
        if job.cancelled:
            return Verdict.CANCELLED
        if wait is not None and self.state.now >= self.state.accepted_at[image] + wait:
            return Verdict.EXPIRED
        return Verdict.RUN

    def linger(self, seconds: float) -> bool:
        """See JobLedger."""
        self._check()
        self.state.lingering += 1
        try:
            end = time.monotonic() + seconds
            while not self.state.waiting and time.monotonic() < end:
                time.sleep(0.001)
        finally:
            self.state.lingering -= 1
        return bool(self.state.waiting)

    def renew(self, images: Sequence[ImageRef]) -> None:
        """See JobLedger."""
        del images
        self._check()

    def release(self, images: Sequence[ImageRef]) -> None:
        """See JobLedger."""
        self._check()
        held = [image for image in images if image in self.state.leases]
        self.state.leases.difference_update(held)
        self.state.waiting.extendleft(reversed(held))

    def write(self, outcomes: Sequence[tuple[ImageRef, Outcome]]) -> bool:
        """See JobLedger."""
        self._check()
        for image, outcome in outcomes:
            self.state.leases.discard(image)
            job = self.state.jobs.get(image.job)
            if job is None or image.image_id in job.outcomes:
                continue
            # Known before it is told.
            job.outcomes[image.image_id] = len(job.results) + 1
            self.state.append(image.job, encode_outcome(outcome))
            if outcome.case_id in job.closed_cases:
                for listener in self.state.listeners:
                    listener(image.job, 0, outcome.case_id.encode())
        return self.lasting

    def _check(self) -> None:
        if self.state.down:
            raise Unavailable("The queue cannot be reached.", reason="QUEUE_UNAVAILABLE")
