"""Counts every call by method and gRPC code, whatever its kind: one interceptor, no servicer."""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import grpc

from services.common.metrics import GatewayMetrics
from services.gateway.status import code_name


class Metering(grpc.aio.ServerInterceptor):
    """Wraps the handlers of our own services. Own code, for the ready-made interceptors of
    telemetry libraries do not know streams of both sides on grpc.aio.
    """

    def __init__(self, metrics: GatewayMetrics, methods: frozenset[str]) -> None:
        """`methods`: full names, as /densa.v1.JobService/GetJob; others pass uncounted."""
        self._metrics = metrics
        self._methods = methods

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        """See grpc.aio."""
        handler = await continuation(handler_call_details)
        path = handler_call_details.method
        if handler is None or path not in self._methods:
            return handler
        method = path.rpartition("/")[2]
        if handler.response_streaming:
            return handler._replace(
                unary_stream=handler.unary_stream and self._stream(method, handler.unary_stream),
                stream_stream=handler.stream_stream and self._stream(method, handler.stream_stream),
            )
        return handler._replace(unary_unary=self._single(method, handler.unary_unary))

    def _single(self, method: str, behaviour: Any) -> Any:
        async def call(request: Any, context: Any) -> Any:
            with self._counted(method, context):
                return await behaviour(request, context)

        return call

    def _stream(self, method: str, behaviour: Any) -> Any:
        async def call(requests: Any, context: Any) -> AsyncIterator[Any]:
            with self._counted(method, context):
                async with contextlib.aclosing(behaviour(requests, context)) as responses:
                    async for response in responses:
                        yield response

        return call

    @contextlib.contextmanager
    def _counted(self, method: str, context: Any) -> Iterator[None]:
        began = time.perf_counter()
        failed: BaseException | None = None
        try:
            yield
        except BaseException as error:
            failed = error
            raise
        finally:
            self._metrics.requests.labels(method, code_name(context.code(), failed)).inc()
            self._metrics.request_seconds.labels(method).observe(time.perf_counter() - began)
