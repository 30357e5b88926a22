"""A client of a stream over a gateway of fakes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from services.common.errors import DensaError
from services.gateway.admission import Submission
from services.gateway.events import Accepted, Event, JobOpened, OpenJob, Rejected, Request, Result
from services.gateway.settings import GatewaySettings
from services.gateway.stream_session import StreamSession
from tests.unit.gateway.gateway_world import GatewayWorld
from tests.waiting import until


class StreamClient:
    """A client of one stream: sends when told, reads unless told not to."""

    def __init__(self, world: GatewayWorld) -> None:
        self._requests: asyncio.Queue[Request | None] = asyncio.Queue()
        self.taken = 0
        """Requests that the session has read."""
        self.events: list[Event] = []
        self.error: Exception | None = None
        self.reads = asyncio.Event()
        self.reads.set()
        self.task = asyncio.create_task(self._run(world.session()))

    def open(self, job: str = "", position: int = 0) -> None:
        """Opens or resumes a job."""
        self._requests.put_nowait(OpenJob(job, position))

    def send(self, *submissions: Submission) -> None:
        """Sends micrographs."""
        for one in submissions:
            self._requests.put_nowait(one)

    def half_close(self) -> None:
        """Says that nothing more is sent."""
        self._requests.put_nowait(None)

    async def ended(self) -> None:
        """Waits until the stream has ended."""
        async with asyncio.timeout(30):
            await asyncio.wait({self.task})

    async def leave(self) -> None:
        """Goes away without a word."""
        self.task.cancel()
        await self.ended()

    async def opened(self) -> str:
        """The job, as soon as it is known."""
        await until(lambda: self.events or self.task.done())
        assert isinstance(self.events[0], JobOpened), self.error
        return self.events[0].job

    @property
    def accepted(self) -> list[str]:
        """The ids accepted so far."""
        return [event.image_id for event in self.events if isinstance(event, Accepted)]

    @property
    def rejected(self) -> list[str]:
        """The ids rejected so far."""
        return [event.image_id for event in self.events if isinstance(event, Rejected)]

    @property
    def results(self) -> list[str]:
        """The ids with results so far."""
        return [event.outcome.image_id for event in self.events if isinstance(event, Result)]

    @property
    def cursor(self) -> int:
        """Where a resumed stream goes on."""
        return max(event.position for event in self.events if isinstance(event, JobOpened | Result))

    async def _run(self, session: StreamSession) -> None:
        try:
            async with contextlib.aclosing(session.run(self._feed())) as events:
                async for event in events:
                    await self.reads.wait()
                    self.events.append(event)
        except Exception as error:  # noqa: BLE001  # the test looks at it
            self.error = error

    async def _feed(self) -> AsyncIterator[Request]:
        while (request := await self._requests.get()) is not None:
            self.taken += 1
            yield request


def world_of(**settings: object) -> GatewayWorld:
    """A gateway of these settings."""
    return GatewayWorld(GatewaySettings(**settings))  # type: ignore[arg-type]


def ended_with(client: StreamClient, kind: type[DensaError], reason: str) -> DensaError:
    """The error that a stream ended with, which must be this one."""
    assert isinstance(client.error, kind), client.error
    assert client.error.reason == reason
    return client.error
