"""Tracing with OpenTelemetry, sent as OTLP over gRPC. Loaded only where traces are on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.common.errors import DensaError

FLUSH_MS = 3000
"""How long the end of a process waits for a collector."""


class OtelTracing:
    """See Tracing."""

    def __init__(self, endpoint: str, process: str) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": f"densa-{process}"})
        )
        exporter = OTLPSpanExporter(endpoint=endpoint, insecure=not endpoint.startswith("https"))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("densa")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(
        self, name: str, parent: str, *, server: bool = False, **attributes: str | int
    ) -> Iterator[str]:
        """See Tracing."""
        kind = trace.SpanKind.SERVER if server else trace.SpanKind.INTERNAL
        context = self._propagator.extract({"traceparent": parent})
        span = self._tracer.start_span(name, context, kind, attributes)
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier, trace.set_span_in_context(span))
        try:
            yield carrier.get("traceparent", "")
        except BaseException as error:
            # Not record_exception: its message may quote the request.
            reason = error.reason if isinstance(error, DensaError) else type(error).__name__
            span.set_status(trace.StatusCode.ERROR, reason)
            raise
        finally:
            span.end()

    def record(
        self, name: str, parent: str, seconds: float, *, ago: float = 0.0, **attributes: str | int
    ) -> None:
        """See Tracing."""
        end = time.time_ns() - int(ago * 1e9)
        context = self._propagator.extract({"traceparent": parent})
        began = end - int(seconds * 1e9)
        self._tracer.start_span(name, context, attributes=attributes, start_time=began).end(end)

    def close(self) -> None:
        """See Tracing."""
        self._provider.force_flush(FLUSH_MS)
        self._provider.shutdown()
