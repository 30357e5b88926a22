"""One unary call: a job of one image that nobody resumes, gone when it is answered."""

import asyncio
import contextlib
import uuid

import structlog

from services.common.errors import DensaError, Expired, Overloaded, Unavailable
from services.common.messages import Outcome, decode_outcome
from services.gateway.admission import Submission
from services.gateway.intake import Intake
from services.gateway.job_registry import JobRegistry, Registered, new_job_name
from services.gateway.readiness import Readiness
from services.gateway.result_reader import ResultReader
from services.gateway.settings import GatewaySettings

log = structlog.get_logger()

RETRY_SECONDS = 1.0
"""When to try again while the service is full, before it knows its own rate."""


class UnaryCalls:
    """ClassifyMicrograph: refuses at once when full or broken, else waits for the answer."""

    def __init__(
        self,
        registry: JobRegistry,
        reader: ResultReader,
        intake: Intake,
        readiness: Readiness,
        settings: GatewaySettings,
    ) -> None:
        self._registry = registry
        self._reader = reader
        self._intake = intake
        self._readiness = readiness
        self._settings = settings
        self._waiting = 0
        self._cleaning: set[asyncio.Task[None]] = set()

    async def classify(self, submission: Submission, time_remaining: float | None) -> Outcome:
        """The outcome for one micrograph.

        Raises:
            Overloaded, Unavailable, Expired, InvalidRequest: see their reasons.
        """
        if self._waiting >= self._settings.max_unary:
            raise Overloaded(
                f"{self._waiting} calls are waiting here already.", retry_after=RETRY_SECONDS
            )
        if not self._readiness.ready:
            raise Unavailable(
                "No worker with a checked model consumes from the queue at the moment.",
                reason="NO_READY_WORKER",
            )
        timeout = self._settings.unary_timeout_seconds
        if time_remaining is not None:
            timeout = min(timeout, time_remaining)
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout):
                return await self._run(submission)
        except TimeoutError as error:
            raise Expired(
                f"No answer within the call's {timeout:.1f} s. Allow more time, or add workers."
            ) from error
        finally:
            self._waiting -= 1

    async def _run(self, submission: Submission) -> Outcome:
        self._intake.check(submission)
        job, finished = new_job_name(), False
        leaving = contextlib.AsyncExitStack()
        try:
            watch = await leaving.enter_async_context(self._reader.watch(job))
            await self._intake.accept(job, submission, _tell_nobody, opens=True)
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
