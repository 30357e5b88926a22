"""The client for programs without an event loop: the asynchronous one, in a thread.

One engine, not two: reconnecting and exactly-once results are written and
tested once. A synchronous stream of gRPC needs a thread to feed it anyway.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterable
from typing import Any, Self, TypeVar

from services.client.async_client import AsyncDensaClient
from services.client.cases import CaseResult
from services.client.event_loop_thread import EventLoopThread
from services.client.journal import Journal
from services.client.options import DEFAULT_ADDRESS, ClientOptions
from services.client.reader import Given
from services.client.results import Classification, MicrographResult, Model, ServiceStatus

T = TypeVar("T")


class DensaClient:
    """Classifies micrographs with a Densa service.

        with DensaClient("127.0.0.1:50051") as densa:
            print(densa.classify(Path("a.tif")))
            for result in densa.classify_many(paths):
                print(result.image_id, result.classification or result.error)

    Args:
        address: HOST:PORT of the gateway.
        options: Deadlines, retries and bounds.
    """

    def __init__(
        self, address: str = DEFAULT_ADDRESS, options: ClientOptions | None = None
    ) -> None:
        self._client = AsyncDensaClient(address, options)
        self._thread: EventLoopThread | None = None

    @property
    def address(self) -> str:
        """HOST:PORT of the gateway."""
        return self._client.address

    def __enter__(self) -> Self:
        self._thread = EventLoopThread()
        self._thread.run(self._client.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        thread, self._thread = self._running, None
        try:
            thread.run(self._client.__aexit__())
        finally:
            thread.close()

    def classify(self, image: Given, *, deadline: float | None = None) -> Classification:
        """See `AsyncDensaClient.classify`."""
        return self._running.run(self._client.classify(image, deadline=deadline))

    def classify_many(
        self, images: Iterable[Given], journal: Journal | None = None
    ) -> Generator[MicrographResult, None, None]:
        """See `AsyncDensaClient.classify_many`. Closing the iterator, or Ctrl-C, cancels it."""
        return self._step_by_step(self._client.classify_many(images, journal))

    def classify_cases(
        self,
        images: Iterable[Given],
        journal: Journal | None = None,
        *,
        provisional: bool = False,
    ) -> Generator[MicrographResult | CaseResult, None, None]:
        """See `AsyncDensaClient.classify_cases`. Closing the iterator, or Ctrl-C, cancels it."""
        return self._step_by_step(
            self._client.classify_cases(images, journal, provisional=provisional)
        )

    def _step_by_step(self, results: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        thread = self._running
        stepping: asyncio.Task[Any] | None = None

        async def step() -> T | None:
            nonlocal stepping
            stepping = asyncio.current_task()
            return await anext(results, None)

        async def close() -> None:
            # An interrupt can come at any moment, also before the step could
            # be cancelled from out there; a generator that runs cannot be closed.
            if stepping is not None and not stepping.done():
                stepping.cancel()
                await asyncio.wait({stepping})
            await results.aclose()

        try:
            while (result := thread.run(step())) is not None:
                yield result
        finally:
            if self._thread is thread:  # else it was closed with the client
                thread.run(close())

    def models(self) -> tuple[Model, ...]:
        """The models that serve now."""
        return self._running.run(self._client.models())

    def status(self) -> ServiceStatus:
        """See `AsyncDensaClient.status`."""
        return self._running.run(self._client.status())

    @property
    def _running(self) -> EventLoopThread:
        if self._thread is None:
            raise RuntimeError("The client is closed: use it inside `with`.")
        return self._thread
