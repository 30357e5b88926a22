"""Taking one micrograph in: check, keep the pixels, register, wake a worker.

Accepted means kept: the pixels are in the image store, and the image is in its
job and in its lane, before anyone is told.
"""

import asyncio
import contextlib
import functools
import hashlib
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar

from services.common.errors import DensaError, ImageConflict, Unavailable
from services.common.image_store import ImageStore, image_key
from services.common.messages import ImageDetails, ImageRef
from services.gateway.admission import Submission, check_submission
from services.gateway.job_registry import (
    JobRegistry,
    Opening,
    Registered,
    Registrant,
    Registration,
)
from services.gateway.observer import GatewayObserver
from services.gateway.waker import Waker

P = ParamSpec("P")
T = TypeVar("T")

Announce = Callable[[Registered], Awaitable[None]]
"""Told what became of a micrograph that was taken."""


class Intake:
    """Takes micrographs into jobs."""

    def __init__(
        self,
        registry: JobRegistry,
        store: ImageStore,
        waker: Waker,
        executor: Executor,
        *,
        max_image_bytes: int,
        observer: GatewayObserver | None = None,
        keeps: Callable[[], bool] = lambda: False,
    ) -> None:
        """`keeps`: whether images stay that have their result."""
        self._registry = registry
        self._store = store
        self._waker = waker
        self._executor = executor
        self._max_image_bytes = max_image_bytes
        self._observer = observer or GatewayObserver()
        self._keeps = keeps

    def check(self, submission: Submission) -> None:
        """Raises InvalidRequest or InvalidImage for what needs no one else to be seen."""
        with self._observer.refusals():
            check_submission(submission, self._max_image_bytes)

    async def accept(
        self,
        job: str,
        submission: Submission,
        announce: Announce,
        *,
        opening: Opening | None = None,
    ) -> None:
        """Takes the micrograph and announces it. An `opening` opens the job in the same step.

        Raises:
            InvalidRequest, InvalidImage, ImageConflict: this micrograph is not taken.
            NotFound, JobCancelled, JobClosed: there is no such job, or it takes no more.
            Overloaded: there is no room for it now.
            Unavailable: the image store or the queue cannot be reached.
        """
        self.check(submission)
        with self._observer.refusals():
            await self._accept(job, submission, announce, opening)

    async def _accept(
        self, job: str, submission: Submission, announce: Announce, opening: Opening | None
    ) -> None:
        image = ImageRef(job, submission.image_id)
        taking = asyncio.ensure_future(self._take(image, submission, opening))
        try:
            registration = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # The client left, and does not know. What was registered is in its job and runs.
            taking.add_done_callback(self._wake_for_nobody)
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
        finally:
            self._wake(registration)

    def _wake(self, registration: Registration) -> None:
        if registration.found is Registered.NEW and registration.wake_ups == 0:
            self._waker.wake()

    def _wake_for_nobody(self, taken: asyncio.Future[Registration]) -> None:
        if not taken.cancelled() and taken.exception() is None:
            self._wake(taken.result())

    async def _take(
        self, image: ImageRef, submission: Submission, opening: Opening | None
    ) -> Registration:
        """Keeps the pixels and registers the image; pixels that nobody will read go again."""
        with self._observer.taking(image.job) as traceparent:
            return await self._take_traced(image, submission, opening, traceparent)

    async def _take_traced(
        self, image: ImageRef, submission: Submission, opening: Opening | None, traceparent: str
    ) -> Registration:
        digest, key = await self._run(self._keep, image, submission.image, traceparent)
        registrant = Registrant(
            digest,
            len(submission.image),
            ImageDetails(
                uuid.uuid4().hex,
                submission.case_id,
                submission.pixel_size_nm,
                traceparent,
                submission.heat_maps,
            ),
            submission.max_wait_seconds,
        )
        try:
            registration = await self._registry.register(image, registrant, opening=opening)
        except Unavailable:
            raise  # it may have been registered all the same
        except DensaError:
            await self._forget(key)
            raise
        if registration.found is Registered.CONFLICT or (
            # Under the same key as the image that was answered.
            registration.found is Registered.FINISHED and not self._keeps()
        ):
            await self._forget(key)
        if registration.found is Registered.NEW:
            self._observer.accepted(image.job, digest, len(submission.image), traceparent)
        return registration

    async def forget(self, job: str, submission: Submission) -> None:
        """Removes what `accept` kept of a micrograph; for calls that promise nothing."""
        digest = await self._run(_digest, submission.image)
        await self._forget(image_key(job, submission.image_id, digest))

    async def _forget(self, key: str) -> None:
        with contextlib.suppress(Unavailable):  # the store's own sweep comes by later
            await self._run(self._store.delete, key)

    def _keep(self, image: ImageRef, pixels: bytes, traceparent: str) -> tuple[str, str]:
        began = time.perf_counter()
        digest = _digest(pixels)
        key = image_key(image.job, image.image_id, digest)
        self._store.put(key, pixels)
        self._observer.kept(time.perf_counter() - began, traceparent)
        return digest, key

    async def _run(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, functools.partial(act, *args, **kwargs))


def _digest(image: bytes) -> str:
    return hashlib.sha256(image).hexdigest()
