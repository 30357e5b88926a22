"""The asynchronous client: everything the SDK can do."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from typing import Any, Self

import grpc
from densa.v1 import classification_service_pb2_grpc

from services.client.async_jobs import AsyncJobs
from services.client.async_models import AsyncModels
from services.client.async_operations import ask_models, ask_operations, ask_serving
from services.client.cases import CaseResult
from services.client.converters import to_classification, to_unary_request
from services.client.images import as_image
from services.client.journal import Journal
from services.client.options import DEFAULT_ADDRESS, ClientOptions, channel_options
from services.client.reader import Given, ImageReader
from services.client.results import Classification, MicrographResult, Model, ServiceStatus
from services.client.retry import Backoff, may_help_later
from services.client.status import error_from_rpc
from services.client.stream import ClassificationStream
from services.client.tracing import Metadata, trace_metadata


class AsyncDensaClient:
    """Classifies micrographs with a Densa service.

        async with AsyncDensaClient("127.0.0.1:50051") as densa:
            print(await densa.classify(Path("a.tif")))
            async for result in densa.classify_many(paths):
                print(result.image_id, result.classification or result.error)

    Args:
        address: HOST:PORT of the gateway.
        options: Deadlines, retries and bounds.
    """

    def __init__(
        self, address: str = DEFAULT_ADDRESS, options: ClientOptions | None = None
    ) -> None:
        self.address = address
        self.options = options or ClientOptions()
        self._channel: grpc.aio.Channel | None = None
        self._limit: int | None = None
        # A thread of another's has no current span: that of where the client was made, then.
        self._made_in = trace_metadata()

    async def __aenter__(self) -> Self:
        self._channel = grpc.aio.insecure_channel(
            self.address, options=channel_options(self.address)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        channel, self._channel = self._connected, None
        await channel.close()

    async def classify(self, image: Given, *, deadline: float | None = None) -> Classification:
        """The answer for one micrograph, given as Image, path or bytes.

        Args:
            image: The micrograph.
            deadline: Seconds for all attempts together; the options' where None.

        Raises:
            DensaError: There is no answer; its class and reason say why.
        """
        given = as_image(image)
        limit = await self._max_image_bytes()
        data = await asyncio.to_thread(given.read, limit)
        request = to_unary_request(given, data, self.options.lane)
        stub = classification_service_pb2_grpc.ClassificationServiceStub(self._connected)
        response = await self._call(
            stub.ClassifyMicrograph, request, deadline or self.options.deadline
        )
        return to_classification(response.classification)

    async def classify_many(
        self, images: Iterable[Given] | AsyncIterable[Given], journal: Journal | None = None
    ) -> AsyncGenerator[MicrographResult, None]:
        """A result for every image, as they finish; an image that fails fails alone.

        With a `journal` the results of what an earlier process sent come as well.

        Images are read when their turn comes. A broken connection is resumed:
        every result comes exactly once. Leaving the iteration early cancels it;
        what was accepted by then is still worked on.

        Raises:
            DensaError: The service refuses the stream or stays away too long.
        """
        async with aclosing(self._stream(images, journal)) as results:
            async for result in results:
                if isinstance(result, MicrographResult):
                    yield result

    async def classify_cases(
        self,
        images: Iterable[Given] | AsyncIterable[Given],
        journal: Journal | None = None,
        *,
        provisional: bool = False,
    ) -> AsyncGenerator[MicrographResult | CaseResult, None]:
        """As `classify_many`, and a final CaseResult for every case_id among the images.

        The job is closed after the last image. With `provisional` there is a CaseResult after
        each result of a case as well, of what is known of it so far.
        """
        stream = self._stream(images, journal, cases=True, provisional_cases=provisional)
        async with aclosing(stream) as results:
            async for result in results:
                yield result

    async def _stream(
        self,
        images: Iterable[Given] | AsyncIterable[Given],
        journal: Journal | None,
        **wishes: bool,
    ) -> AsyncGenerator[MicrographResult | CaseResult, None]:
        stub = classification_service_pb2_grpc.ClassificationServiceStub(self._connected)
        stream = ClassificationStream(
            lambda: stub.ClassifyMicrographs(metadata=self._trace()),
            ImageReader(images, await self._max_image_bytes()),
            self.options,
            self.address,
            journal,
            **wishes,
        )
        async with aclosing(stream.results()) as results:
            async for result in results:
                yield result

    @property
    def jobs(self) -> AsyncJobs:
        """Jobs that are there already: looked at, watched, cancelled, deleted."""
        return AsyncJobs(self._connected, self._call, self.options, self.address)

    def model_versions(self, admin_token: str = "") -> AsyncModels:
        """Which version of the model answers: for operators, who know the gateway's token."""
        return AsyncModels(self._connected, self._call, self.options, admin_token)

    async def models(self) -> tuple[Model, ...]:
        """The models that serve now."""
        return await ask_models(self._connected, self._call, self.options)

    async def status(self) -> ServiceStatus:
        """Whether the service is ready to classify, and with which models.

        Raises:
            Unavailable: Nothing answers at the address.
        """
        serving = await self.is_serving()
        operations = await ask_operations(self._connected, self._call, self.options)
        return ServiceStatus(self.address, serving, await self.models(), operations)

    async def is_serving(self) -> bool:
        """The service's own word on its readiness."""
        return await ask_serving(self._connected, self._call, self.options)

    @property
    def _connected(self) -> grpc.aio.Channel:
        if self._channel is None:
            raise RuntimeError("The client is closed: use it inside `async with`.")
        return self._channel

    def _trace(self) -> Metadata:
        return trace_metadata() or self._made_in

    async def _max_image_bytes(self) -> int | None:
        # The same whatever models serve; while none does, the service itself refuses too much.
        if self._limit is None:
            models = await self.models()
            self._limit = models[0].max_image_bytes if models else None
        return self._limit

    async def _call(self, method: Any, request: Any, deadline: float) -> Any:
        """A unary call with retries, all within `deadline` seconds."""
        backoff = Backoff(self.options.first_backoff, self.options.longest_backoff)
        now = asyncio.get_running_loop().time
        end = now() + deadline
        while True:
            try:
                return await method(
                    request, timeout=max(end - now(), 0.001), metadata=self._trace()
                )
            except grpc.aio.AioRpcError as failure:
                error = error_from_rpc(failure, self.address)
                last = backoff.failures + 1 >= self.options.attempts
                delay = backoff.next_delay(error)
                if last or not may_help_later(error) or now() + delay >= end:
                    raise error from failure
                await asyncio.sleep(delay)
