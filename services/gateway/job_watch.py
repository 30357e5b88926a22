"""The results of a job from a position on, until each image and closed case has its own."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from services.common.errors import InvalidRequest, Unavailable
from services.common.messages import decode_outcome
from services.gateway.case_finisher import LOOK_SECONDS
from services.gateway.events import CaseSoFar, Result
from services.gateway.parts import Parts
from services.gateway.stream_cases import StreamCases


async def watch_job(
    parts: Parts,
    job: str,
    position: int,
    draining: asyncio.Event,
    *,
    provisional_cases: bool = False,
) -> AsyncGenerator[Result | CaseSoFar, None]:
    """The results after `position`, each once, in order; of cases before the last if asked for.

    Raises:
        NotFound: there is no such job, or it was deleted meanwhile.
        InvalidRequest: the job has no such position.
        Unavailable: this gateway is stopping.
    """
    due = await due_after(parts, job, position, "cursor")
    cases = StreamCases(parts, job, provisional=provisional_cases)
    cases.look()
    await cases.catch_up(position)
    stopping = asyncio.ensure_future(draining.wait())
    async with parts.reader.watch(job, position) as watch:
        reading: asyncio.Future[tuple[int, bytes]] | None = None
        try:
            while position < due or position < (due := await parts.registry.due(job)):
                reading = reading or asyncio.ensure_future(anext(watch))
                # Not a timeout: a read that is cancelled half-way is no read.
                both: set[asyncio.Future[Any]] = {reading, stopping}
                await asyncio.wait(both, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    position, text = reading.result()
                    reading = None
                    outcome = decode_outcome(text)
                    yield Result(position, outcome)
                    if (case := await cases.after(outcome)) is not None:
                        yield case
                elif stopping.done():
                    raise _stopping()
                else:  # is the job still there, and are its cases complete?
                    due = await parts.registry.due(job)
                    cases.look()
        finally:
            stopping.cancel()
            if reading is not None:
                reading.cancel()


def _stopping() -> Unavailable:
    return Unavailable(
        "This gateway is stopping. Watch on at another, or here in a moment.",
        reason="SHUTTING_DOWN",
    )


async def due_after(parts: Parts, job: str, position: int, field: str) -> int:
    """How many results the job will have; a position beyond them is none of this job.

    Raises NotFound, or InvalidRequest with this field.
    """
    due = await parts.registry.due(job)
    if position > due:
        raise InvalidRequest(
            "cursor is beyond the results of this job: it must be as a response of the same job "
            "gave it.",
            reason="INVALID_CURSOR",
            field=field,
        )
    return due
