"""Reads a stream's requests, and says when its client has been idle for too long."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from services.common.errors import Expired, InvalidRequest
from services.gateway.admission import Submission
from services.gateway.events import Close, OpenJob, Request


class RequestReader:
    """The requests of one stream.

    Args:
        requests: As the client sends them.
        idle_seconds: How long it may send nothing while no result is due.
        results_due: Whether results are due.
    """

    def __init__(
        self,
        requests: AsyncIterator[Request],
        idle_seconds: float,
        results_due: Callable[[], Awaitable[bool]],
    ) -> None:
        self._requests = requests
        self._idle_seconds = idle_seconds
        self._results_due = results_due

    async def opening(self) -> OpenJob:
        """The first request. Raises InvalidRequest where it opens no job."""
        first = await self._next()
        if not isinstance(first, OpenJob):
            raise InvalidRequest(
                "The first request of a stream must be open_job; leave its fields empty for a "
                "new job.",
                reason="JOB_NOT_OPENED",
                field="open_job",
            )
        return first

    async def submission(self) -> Submission | Close | None:
        """The next micrograph, or what to close; None where the client has half-closed."""
        request = await self._next()
        if isinstance(request, OpenJob):
            raise InvalidRequest(
                "open_job may only be the first request of a stream.",
                reason="JOB_ALREADY_OPENED",
                field="open_job",
            )
        return request

    async def _next(self) -> Request | None:
        """The next request, None at the end. A client idle while nothing is due is an error."""
        reading = asyncio.ensure_future(anext(self._requests, None))
        idle = self._idle_seconds
        try:
            while True:
                # Not wait_for: cancelling a read would cancel the whole call.
                done, _ = await asyncio.wait({reading}, timeout=idle)
                if done:
                    return reading.result()
                if not await self._results_due():
                    raise Expired(
                        f"Nothing was sent on this stream for {idle:g} s and no result is due. "
                        "A job that was opened stays: resume it to send more.",
                        reason="STREAM_IDLE",
                    )
        finally:
            reading.cancel()
