"""JobRegistry in memory."""

from services.common.errors import JobCancelled, Overloaded, Unavailable
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
            self._check_room(job)
            self._jobs()[image.job] = job
            job.images[image.image_id] = registrant
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

    def _check_room(self, job: MemoryJob) -> None:
        if job.cancelled:
            raise JobCancelled("The job was cancelled.")
        if self.state.full:
            raise Overloaded("Too many wait.", reason="QUEUE_FULL")

    async def accepted(self, job: str) -> int:
        """See JobRegistry."""
        return len(self._job(job).images)

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
