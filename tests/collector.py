"""A collector of traces: the OTLP trace service over gRPC, keeping what it is sent."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc


@dataclass(frozen=True)
class Span:
    """One span, of the process that sent it."""

    process: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    seconds: float


@dataclass
class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps spans. Read `spans` from any thread."""

    endpoint: str = ""
    text: list[str] = field(default_factory=list)
    _spans: list[Span] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def spans(self) -> list[Span]:
        """What came so far."""
        with self._lock:
            return list(self._spans)

    def Export(self, request: Any, _: Any) -> Any:  # noqa: N802
        """See OTLP."""
        with self._lock:
            self.text.append(str(request))
            for resource in request.resource_spans:
                about = {a.key: a.value.string_value for a in resource.resource.attributes}
                for scope in resource.scope_spans:
                    self._spans += [_span(about["service.name"], span) for span in scope.spans]
        return pb.ExportTraceServiceResponse()


def _span(process: str, span: Any) -> Span:
    return Span(
        process,
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        {a.key: a.value.string_value for a in span.attributes},
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
    )


@contextmanager
def running_collector() -> Iterator[Collector]:
    """A collector on a free port, for as long as the context lasts."""
    server = grpc.server(ThreadPoolExecutor(4))
    collector = Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    collector.endpoint = f"http://127.0.0.1:{port}"
    try:
        yield collector
    finally:
        server.stop(None).wait()
