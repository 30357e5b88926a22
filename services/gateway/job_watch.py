"""The results of a job from a position on, until every accepted image has its own."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from services.common.errors import InvalidRequest, Unavailable
from services.common.messages import decode_outcome
from services.gateway.events import Result
from services.gateway.parts import Parts

STILL_THERE_SECONDS = 5.0
"""After so much silence it is looked whether the job is still there."""


async def watch_job(
    parts: Parts, job: str, position: int, draining: asyncio.Event
) -> AsyncGenerator[Result, None]:
    """The results after `position`, each once, in order.

    Raises:
        NotFound: there is no such job, or it was deleted meanwhile.
        InvalidRequest: the job has no such position.
        Unavailable: this gateway is stopping.
    """
    accepted = await _accepted(parts, job, position)
    stopping = asyncio.ensure_future(draining.wait())
    async with parts.reader.watch(job, position) as watch:
        reading: asyncio.Future[tuple[int, bytes]] | None = None
        try:
            while position < accepted or position < (
                accepted := await parts.registry.accepted(job)
            ):
                reading = reading or asyncio.ensure_future(anext(watch))
                # Not a timeout: a read that is cancelled half-way is no read.
                both: set[asyncio.Future[Any]] = {reading, stopping}
                await asyncio.wait(
                    both,
                    timeout=STILL_THERE_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if reading.done():
                    position, text = reading.result()
                    reading = None
                    yield Result(position, decode_outcome(text))
                elif stopping.done():
                    raise Unavailable(
                        "This gateway is stopping. Watch on at another, or here in a moment.",
                        reason="SHUTTING_DOWN",
                    )
                else:
                    accepted = await parts.registry.accepted(job)
        finally:
            stopping.cancel()
            if reading is not None:
                reading.cancel()


async def _accepted(parts: Parts, job: str, position: int) -> int:
    """How many images the job has accepted; a position beyond them is none of this job."""
    accepted = await parts.registry.accepted(job)
    if position > accepted:
        raise InvalidRequest(
            "cursor is beyond the results of this job: it must be as a response of the same job "
            "gave it.",
            reason="INVALID_CURSOR",
            field="cursor",
        )
    return accepted
