"""One stream: takes micrographs in while handing results out, and knows when it is done.

Five tasks fill one small queue of events: the intake reads the client, the
collector reads results, one looks after closed cases, two see the end coming. The queue is bounded
and the intake waits for a free place in the stream's window, so that a client
who sends faster than the workers work, or does not read, is held by gRPC's flow
control and costs no memory.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine

from services.common.errors import (
    ImageConflict,
    InvalidRequest,
    JobClosed,
    Overloaded,
    Unavailable,
)
from services.common.lanes import Lane
from services.common.messages import decode_outcome
from services.gateway.admission import Submission
from services.gateway.events import (
    Accepted,
    Close,
    Event,
    JobOpened,
    Rejected,
    Request,
    Result,
)
from services.gateway.intake import Announce
from services.gateway.job_registry import Opening, Registered
from services.gateway.job_watch import due_after
from services.gateway.parts import Parts
from services.gateway.request_reader import RequestReader
from services.gateway.result_reader import Watch
from services.gateway.settings import GatewaySettings
from services.gateway.stream_cases import StreamCases

EVENTS_HELD = 32
"""Events waiting for a client that does not read, per stream."""

ROOM_COMES = {"QUEUE_FULL", "SUBMITTER_FULL"}
"""Refusals that end by themselves, as workers work: a stream waits instead of failing."""

_DONE = object()


class StreamSession:
    """One ClassifyMicrographs call. `run` it once."""

    def __init__(
        self,
        parts: Parts,
        settings: GatewaySettings,
        draining: asyncio.Event,
        submitter: str,
    ) -> None:
        self._registry = parts.registry
        self._reader = parts.reader
        self._intake = parts.intake
        self._backlog = parts.backlog
        self._parts = parts
        self._settings = settings
        self._draining = draining
        self._submitter = submitter
        self._events: asyncio.Queue[Event | Exception | object] = asyncio.Queue(EVENTS_HELD)
        self._outstanding: set[str] = set()
        self._position = 0
        self._progress = asyncio.Event()
        self._half_closed = asyncio.Event()
        self._in_hand: str | None = None
        self._announced = asyncio.Event()

    async def run(self, requests: AsyncIterator[Request]) -> AsyncGenerator[Event, None]:
        """The events of the stream, in order. Raises DensaError where the stream must end."""
        job = ""

        async def results_due() -> bool:
            return bool(job) and self._position < await self._registry.due(job)

        reader = RequestReader(requests, self._settings.stream_idle_seconds, results_due)
        opening = await reader.opening()
        job = opening.job or await self._registry.open(
            Opening(opening.lane or Lane.ROUTINE, self._submitter)
        )
        # A job that is not there is an error before all else.
        await due_after(self._parts, job, opening.position, "open_job.cursor")
        self._position = opening.position
        cases = StreamCases(self._parts, job, provisional=opening.provisional_cases)
        yield JobOpened(job, opening.position)
        async with self._reader.watch(job, opening.position) as watch:
            tasks = [
                asyncio.create_task(self._guarded(work))
                for work in (
                    self._take_in(job, reader, cases),
                    self._collect(watch, cases),
                    cases.see_to_it(),
                    self._see_the_end(job),
                    self._see_the_drain(),
                )
            ]
            try:
                while (event := await self._events.get()) is not _DONE:
                    if isinstance(event, Exception):
                        raise event
                    yield event  # type: ignore[misc]  # what is left is an Event
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  # handed on whole: `run` raises it
            await self._events.put(error)

    async def _take_in(self, job: str, requests: RequestReader, cases: StreamCases) -> None:
        while True:
            while len(self._outstanding) >= self._settings.stream_window:
                await self._progressed()
            submission = await requests.submission()
            if submission is None:
                self._half_closed.set()
                return
            if isinstance(submission, Close):
                await self._events.put(await cases.close(submission.case_id))
                cases.look(submission.case_id)
            else:
                await self._take_one(job, submission)

    async def _take_one(self, job: str, submission: Submission) -> None:
        image_id = submission.image_id
        # Taken before registering: the result of an image that is there already may come first.
        takes_place = image_id not in self._outstanding
        self._outstanding.add(image_id)

        async def announce(found: Registered) -> None:
            if found is Registered.FINISHED:
                self._outstanding.discard(image_id)
            await self._events.put(Accepted(image_id, duplicate=found is not Registered.NEW))

        self._announced.clear()
        self._in_hand = image_id
        try:
            await self._accept(job, submission, announce)
        except (InvalidRequest, ImageConflict, JobClosed) as error:
            if takes_place:
                self._outstanding.discard(image_id)
            await self._events.put(Rejected(image_id, error))
        finally:
            self._in_hand = None
            self._announced.set()

    async def _accept(self, job: str, submission: Submission, announce: Announce) -> None:
        """Waits for room: the client is held by flow control meanwhile."""
        while True:
            try:
                self._backlog.check(len(submission.image))
                return await self._intake.accept(job, submission, announce)
            except Overloaded as error:
                if error.reason not in ROOM_COMES:
                    raise
                await self._backlog.polled()

    async def _collect(self, watch: Watch, cases: StreamCases) -> None:
        await cases.catch_up(watch.position)
        async for position, text in watch:
            outcome = decode_outcome(text)
            if outcome.image_id == self._in_hand:  # Accepted comes before the result
                await self._announced.wait()
            await self._events.put(Result(position, outcome))
            self._position = position
            self._outstanding.discard(outcome.image_id)
            self._progress.set()
            if (case := await cases.after(outcome)) is not None:
                await self._events.put(case)

    async def _progressed(self) -> None:
        self._progress.clear()
        await self._progress.wait()

    async def _see_the_end(self, job: str) -> None:
        """Done when the client has half-closed and every result that is due is out."""
        await self._half_closed.wait()
        while self._position < (due := await self._registry.due(job)):
            while self._position < due:
                await self._progressed()
        await self._events.put(_DONE)

    async def _see_the_drain(self) -> None:
        await self._draining.wait()
        raise Unavailable(
            "This gateway is stopping. Resume the job at another, or here in a moment.",
            reason="SHUTTING_DOWN",
        )
