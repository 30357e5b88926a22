"""Counts and traces every call, whatever its kind: one interceptor, and nothing in servicers."""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

import grpc

from services.common.metrics import GatewayMetrics
from services.common.tracing import TRACEPARENT, Tracing, checked, current
from services.gateway.status import code_name

Around = Callable[[str, Any, Any], contextlib.AbstractContextManager[None]]
"""Makes what a call runs in: of its method, its metadata (pairs) and its context."""


class CallObserver(grpc.aio.ServerInterceptor):
    """Puts the handlers of our own services into contexts. Own code, for the ready-made
    interceptors of telemetry libraries do not know streams of both sides on grpc.aio.
    """

    def __init__(self, methods: frozenset[str], *arounds: Around) -> None:
        """`methods`: full names, as /densa.v1.JobService/GetJob; others pass unobserved."""
        self._methods = methods
        self._arounds = arounds

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        """See grpc.aio."""
        handler = await continuation(handler_call_details)
        path = handler_call_details.method
        if handler is None or path not in self._methods:
            return handler
        call = _Call(path.rpartition("/")[2], handler_call_details, self._arounds)
        if handler.response_streaming:
            return handler._replace(
                unary_stream=handler.unary_stream and call.stream(handler.unary_stream),
                stream_stream=handler.stream_stream and call.stream(handler.stream_stream),
            )
        return handler._replace(unary_unary=call.single(handler.unary_unary))


class _Call:
    def __init__(self, method: str, details: Any, arounds: Sequence[Around]) -> None:
        self._method = method
        self._details = details
        self._arounds = arounds

    def single(self, behaviour: Any) -> Any:
        async def call(request: Any, context: Any) -> Any:
            with self._observed(context):
                return await behaviour(request, context)

        return call

    def stream(self, behaviour: Any) -> Any:
        async def call(requests: Any, context: Any) -> AsyncIterator[Any]:
            with self._observed(context):
                async with contextlib.aclosing(behaviour(requests, context)) as responses:
                    async for response in responses:
                        yield response

        return call

    @contextlib.contextmanager
    def _observed(self, context: Any) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for around in self._arounds:
                metadata = self._details.invocation_metadata
                stack.enter_context(around(self._method, metadata, context))
            yield


def counting(metrics: GatewayMetrics) -> Around:
    """Counts calls by method and code, and their durations."""

    @contextlib.contextmanager
    def around(method: str, _: Any, context: Any) -> Iterator[None]:
        began = time.perf_counter()
        failed: BaseException | None = None
        try:
            yield
        except BaseException as error:
            failed = error
            raise
        finally:
            metrics.requests.labels(method, code_name(context.code(), failed)).inc()
            metrics.request_seconds.labels(method).observe(time.perf_counter() - began)

    return around


def traced(tracing: Tracing) -> Around:
    """A span per call, child of the client's where it sent one."""

    @contextlib.contextmanager
    def around(method: str, metadata: Any, _: Any) -> Iterator[None]:
        parent = next((checked(value) for key, value in metadata or () if key == TRACEPARENT), "")
        with tracing.span(f"densa.v1/{method}", parent, server=True) as traceparent:
            current.set(traceparent)  # each call is a task with a context of its own
            yield

    return around
