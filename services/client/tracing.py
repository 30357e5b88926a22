"""The client's part in traces: it sends the caller's trace along, and `densa` can begin one.

A program that uses OpenTelemetry need do nothing: whatever span is current when a call begins is
its parent. Where OpenTelemetry is not loaded, nothing of it is.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

Metadata = tuple[tuple[str, str], ...]


def trace_metadata() -> Metadata:
    """What to send with a call: the current span as a W3C traceparent, if there is one."""
    if "opentelemetry.trace" not in sys.modules:
        return ()
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415  # loaded already
        TraceContextTextMapPropagator,
    )

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    traceparent = carrier.get("traceparent")
    return (("traceparent", traceparent),) if traceparent else ()


@contextmanager
def traced(endpoint: str, name: str) -> Iterator[None]:
    """A span of a command, sent to a collector (OTLP over gRPC); nothing where there is none.

    Raises ModuleNotFoundError where the packages of the extra `telemetry` are missing.
    """
    if not endpoint:
        yield
        return
    from opentelemetry import trace  # noqa: PLC0415  # heavy, and off by default
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": "densa-client"}))
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=not endpoint.startswith("https"))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        tracer = provider.get_tracer("densa")
        with tracer.start_as_current_span(name, kind=trace.SpanKind.CLIENT, record_exception=False):
            yield
    finally:
        provider.shutdown()
