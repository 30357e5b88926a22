"""One unary call: a job of one image that nobody resumes, gone when it is answered."""

import asyncio
import contextlib
import dataclasses
import uuid

import structlog

from services.common.errors import DensaError, Expired, Overloaded, Unavailable
from services.common.messages import Outcome, decode_outcome
from services.gateway.admission import Submission
from services.gateway.job_registry import Opening, Registered, new_job_name
from services.gateway.parts import Parts
from services.gateway.readiness import Readiness
from services.gateway.settings import GatewaySettings

log = structlog.get_logger()

LEFTOVER_SECONDS = 60.0
"""How long after its call's end a job stays whose gateway was killed meanwhile."""


class UnaryCalls:
    """ClassifyMicrograph: refuses at once when full or broken, else waits for the answer."""

    def __init__(self, parts: Parts, readiness: Readiness, settings: GatewaySettings) -> None:
        self._registry = parts.registry
        self._reader = parts.reader
        self._intake = parts.intake
        self._backlog = parts.backlog
        self._readiness = readiness
        self._settings = settings
        self._waiting = 0
        self._waiting_bytes = 0
        self._cleaning: set[asyncio.Task[None]] = set()

    async def classify(
        self, submission: Submission, time_remaining: float | None, opening: Opening
    ) -> Outcome:
        """The outcome for one micrograph.

        Raises:
            Overloaded, Unavailable, Expired, InvalidRequest: see their reasons.
        """
        size = len(submission.image)
        self._check_room(size)
        timeout = self._settings.unary_timeout_seconds
        if time_remaining is not None:
            timeout = min(timeout, time_remaining)
        self._waiting += 1
        self._waiting_bytes += size
        try:
            async with asyncio.timeout(timeout):
                # One that expires in the queue is not run; kept until its gateway has noticed.
                return await self._run(
                    dataclasses.replace(submission, max_wait_seconds=max(timeout, 0.001)),
                    dataclasses.replace(opening, ttl_seconds=timeout + LEFTOVER_SECONDS),
                )
        except TimeoutError as error:
            raise Expired(
                f"No answer within the call's {timeout:.1f} s. Allow more time, choose a more "
                "urgent lane, or add workers."
            ) from error
        finally:
            self._waiting -= 1
            self._waiting_bytes -= size

    def _check_room(self, size: int) -> None:
        """Refuses at once, before anything is read or written."""
        settings = self._settings
        too_many = self._waiting >= settings.max_unary
        if too_many or self._waiting_bytes + size > settings.max_unary_bytes:
            raise Overloaded(
                f"{self._waiting} calls of {self._waiting_bytes / 2**20:.0f} MiB are waiting here "
                "already.",
                retry_after=self._backlog.retry_after,
            )
        if not self._readiness.ready:
            raise Unavailable(
                "No worker with a checked model consumes from the queue at the moment.",
                reason="NO_READY_WORKER",
            )
        self._backlog.check(size)

    async def _run(self, submission: Submission, opening: Opening) -> Outcome:
        self._intake.check(submission)
        job, finished = new_job_name(), False
        leaving = contextlib.AsyncExitStack()
        try:
            watch = await leaving.enter_async_context(self._reader.watch(job))
            await self._intake.accept(job, submission, _tell_nobody, opening=opening)
            _, text = await anext(watch)
            finished = True
            return decode_outcome(text)
        finally:
            # A task of its own: neither does the answer wait for it, nor does a client that
            # hangs up leave its image behind.
            cleaning = asyncio.create_task(
                self._clean_up(leaving, job, submission, finished=finished)
            )
            self._cleaning.add(cleaning)
            cleaning.add_done_callback(self._cleaning.discard)

    async def settle(self) -> None:
        """Waits until nothing is left of calls that have ended."""
        await asyncio.gather(*self._cleaning)

    async def _clean_up(
        self,
        leaving: contextlib.AsyncExitStack,
        job: str,
        submission: Submission,
        *,
        finished: bool,
    ) -> None:
        await leaving.aclose()
        try:
            await self._registry.delete(job)
            if not finished:  # a worker deletes the pixels of what it has answered
                await self._intake.forget(job, submission)
        except DensaError as error:
            log.warning("unary_clean_up_failed", job=job, reason=error.reason)


async def _tell_nobody(_: Registered) -> None:
    """A unary call has no one to tell that its image was accepted."""


def any_image_id() -> str:
    """An id for a micrograph that came without one."""
    return uuid.uuid4().hex
