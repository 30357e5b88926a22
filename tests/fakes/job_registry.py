"""JobRegistry in memory."""

from services.common.errors import Unavailable
from services.common.messages import ImageRecord, ImageRef
from services.gateway.job_registry import Registered, Registration, new_job_name, unknown_job
from tests.fakes.jobs import MemoryJob, MemoryJobs


class FakeJobRegistry:
    """See services.gateway.job_registry.JobRegistry."""

    def __init__(self, state: MemoryJobs) -> None:
        self.state = state

    async def open(self) -> str:
        """See JobRegistry."""
        name = new_job_name()
        self._jobs()[name] = MemoryJob()
        return name

    async def register(
        self, image: ImageRef, record: ImageRecord, *, opens: bool = False
    ) -> Registration:
        """See JobRegistry."""
        if opens:
            self._jobs().setdefault(image.job, MemoryJob())
        job = self._job(image.job)
        known = job.images.get(image.image_id)
        if known is None or known == record:
            job.images[image.image_id] = record
            found = Registered.NEW
        elif known.digest != record.digest:
            found = Registered.CONFLICT
        elif image.image_id in job.outcomes:
            found = Registered.FINISHED
        else:
            found = Registered.PENDING
        return Registration(found, self.state.waiting_tasks)

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
