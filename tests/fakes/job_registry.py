"""JobRegistry in memory."""

from services.common.errors import JobCancelled, JobClosed, Overloaded, Unavailable
from services.common.messages import ImageRef
from services.gateway.job_registry import (
    Opening,
    Registered,
    Registrant,
    Registration,
    new_job_name,
    unknown_job,
)
from tests.fakes.jobs import MemoryJob, MemoryJobs


class FakeJobRegistry:
    """See services.gateway.job_registry.JobRegistry."""

    def __init__(self, state: MemoryJobs) -> None:
        self.state = state

    async def open(self, opening: Opening) -> str:
        """See JobRegistry."""
        name = new_job_name()
        self._jobs()[name] = MemoryJob(opening=opening)
        return name

    async def register(
        self, image: ImageRef, registrant: Registrant, *, opening: Opening | None = None
    ) -> Registration:
        """See JobRegistry."""
        job = self._jobs().get(image.job)
        if job is None:
            if opening is None:
                raise unknown_job(image.job)
            job = MemoryJob(opening=opening)
        known = job.images.get(image.image_id)
        if known is None:
            self._check_room(job, registrant.details.case_id)
            self._jobs()[image.job] = job
            job.images[image.image_id] = registrant
            if registrant.details.case_id:
                job.open_cases.add(registrant.details.case_id)
            self.state.accepted_at[image] = self.state.now
            self.state.waiting.append(image)
            found = Registered.NEW
        elif known == registrant:
            found = Registered.NEW
        elif known.digest != registrant.digest:
            found = Registered.CONFLICT
        elif image.image_id in job.outcomes:
            found = Registered.FINISHED
        else:
            found = Registered.PENDING
        nudged = int(found is Registered.NEW and self.state.lingering > 0)
        return Registration(found, self.state.wake_ups + nudged)

    def _check_room(self, job: MemoryJob, case_id: str) -> None:
        if job.cancelled:
            raise JobCancelled("The job was cancelled.")
        if job.closed:
            raise JobClosed("The job was closed.")
        if case_id not in job.open_cases and job.images_of(case_id):
            raise JobClosed("The case was closed.", reason="CASE_CLOSED")
        if self.state.full:
            raise Overloaded("Too many wait.", reason="QUEUE_FULL")

    async def due(self, job: str) -> int:
        """See JobRegistry."""
        found = self._job(job)
        return len(found.images) + found.cases_due

    async def delete(self, job: str) -> None:
        """See JobRegistry."""
        self._jobs().pop(job, None)

    def _job(self, name: str) -> MemoryJob:
        jobs = self._jobs()
        if name not in jobs:
            raise unknown_job(name)
        return jobs[name]

    def _jobs(self) -> dict[str, MemoryJob]:
        if self.state.down:
            raise Unavailable("The queue cannot be reached.", reason="QUEUE_UNAVAILABLE")
        return self.state.jobs
