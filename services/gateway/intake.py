"""Taking one micrograph in: check, keep the pixels, register, hand to the dispatcher.

Accepted means kept: the pixels are in the image store and the image is in its
job before anyone is told.
"""

import asyncio
import functools
import hashlib
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor

from services.common.errors import ImageConflict, NotFound
from services.common.image_store import ImageStore, image_key
from services.common.messages import ImageRecord, ImageRef
from services.gateway.admission import Submission, check_submission
from services.gateway.dispatcher import Dispatcher
from services.gateway.job_registry import JobRegistry, Registered, Registration


class Intake:
    """Takes micrographs into jobs."""

    def __init__(
        self,
        registry: JobRegistry,
        store: ImageStore,
        dispatcher: Dispatcher,
        executor: Executor,
        *,
        max_image_bytes: int,
    ) -> None:
        self._registry = registry
        self._store = store
        self._dispatcher = dispatcher
        self._executor = executor
        self._max_image_bytes = max_image_bytes

    def check(self, submission: Submission) -> None:
        """Raises InvalidRequest or InvalidImage for what needs no one else to be seen."""
        check_submission(submission, self._max_image_bytes)

    async def accept(
        self,
        job: str,
        submission: Submission,
        announce: Callable[[Registered], Awaitable[None]],
        *,
        opens: bool = False,
    ) -> None:
        """Takes the micrograph and announces it, before any worker can know of it.

        `opens` opens the job in the same step.

        Raises:
            InvalidRequest, InvalidImage, ImageConflict: this micrograph is not taken.
            NotFound: there is no such job.
            Unavailable: the image store or the queue cannot be reached.
        """
        self.check(submission)
        image = ImageRef(job, submission.image_id)
        taking = asyncio.ensure_future(self._take(image, submission, opens=opens))
        try:
            registration = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # The client left, and does not know. What was registered is in its job and runs.
            taking.add_done_callback(functools.partial(self._submit_unannounced, image))
            await asyncio.wait({taking})
            raise
        if registration.found is Registered.CONFLICT:
            raise ImageConflict(
                f"The job holds image_id {submission.image_id!r} already, with other bytes. "
                "Give this micrograph an id of its own.",
                field="micrograph.image_id",
            )
        try:
            await announce(registration.found)
        finally:  # registered is accepted, whether or not anyone still listens
            self._submit(image, registration)

    def _submit(self, image: ImageRef, registration: Registration) -> None:
        if registration.found is Registered.NEW:
            self._dispatcher.submit(image, waiting_tasks=registration.waiting_tasks)

    def _submit_unannounced(self, image: ImageRef, taken: asyncio.Future[Registration]) -> None:
        if not taken.cancelled() and taken.exception() is None:
            self._submit(image, taken.result())

    async def _take(self, image: ImageRef, submission: Submission, *, opens: bool) -> Registration:
        """Keeps the pixels and registers the image; pixels that nobody will read go again."""
        loop = asyncio.get_running_loop()
        digest, key = await loop.run_in_executor(self._executor, self._keep, image.job, submission)
        record = ImageRecord(digest, time.time(), submission.case_id, submission.pixel_size_nm)
        try:
            registration = await self._registry.register(image, record, opens=opens)
        except NotFound:
            await self._forget(key)
            raise
        if registration.found in (Registered.CONFLICT, Registered.FINISHED):
            await self._forget(key)
        return registration

    async def forget(self, job: str, submission: Submission) -> None:
        """Removes what `accept` kept of a micrograph; for calls that promise nothing."""
        digest = hashlib.sha256(submission.image).hexdigest()
        await self._forget(image_key(job, submission.image_id, digest))

    def _keep(self, job: str, submission: Submission) -> tuple[str, str]:
        digest = hashlib.sha256(submission.image).hexdigest()
        key = image_key(job, submission.image_id, digest)
        self._store.put(key, submission.image)
        return digest, key

    async def _forget(self, key: str) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._store.delete, key)
