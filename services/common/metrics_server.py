"""Serves a process's metrics over HTTP, where a port is set for it."""

from prometheus_client import CollectorRegistry, start_http_server

from services.common.errors import Unavailable
from services.common.settings import MetricsSettings


def serve_metrics(settings: MetricsSettings, registry: CollectorRegistry) -> None:
    """Answers GET /metrics from a thread of its own until the process ends; port 0: does nothing.

    Raises Unavailable where the port cannot be listened on.
    """
    if not settings.port:
        return
    try:
        start_http_server(settings.port, settings.host, registry)
    except OSError as error:
        raise Unavailable(
            f"Metrics cannot be served on {settings.host}:{settings.port}: {error.strerror}. Each "
            "process of a host needs a DENSA_METRICS_PORT of its own; 0 turns metrics off.",
            reason="ADDRESS_IN_USE",
        ) from error
