"""`python -m services.gateway`: settings -> gateway -> run until a signal."""

import asyncio
import os
import signal
import sys

import structlog

from services.common.allocation import keep_freed_memory
from services.common.errors import DensaError
from services.common.metrics_server import serve_metrics
from services.common.settings import (
    HealthSettings,
    LeaseSettings,
    MetricsSettings,
    QueueSettings,
    RedisSettings,
    S3Settings,
    StoreSettings,
    TracesSettings,
)
from services.common.sign_of_life import SignOfLife
from services.common.tracing import start_tracing
from services.common.wrong_settings import settings_are_right
from services.gateway.app import Gateway
from services.gateway.settings import GatewaySettings

log = structlog.get_logger()

SETTINGS = (
    *(GatewaySettings, RedisSettings, QueueSettings, StoreSettings, S3Settings, LeaseSettings),
    *(MetricsSettings, TracesSettings, HealthSettings),
)


async def serve() -> None:
    """Serves until SIGTERM or SIGINT; a second signal ends at once."""
    tracing = start_tracing(TracesSettings(), "gateway")
    gateway = Gateway(
        *(GatewaySettings(), RedisSettings(), QueueSettings(), StoreSettings(), LeaseSettings()),
        tracing=tracing,
        sign=SignOfLife(HealthSettings().file),
    )

    serve_metrics(MetricsSettings(), gateway.metrics.registry)

    def stop_or_leave() -> None:
        if gateway.stopping:
            os._exit(1)
        gateway.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop_or_leave)
    try:
        await gateway.run()
    finally:
        if tracing:
            await asyncio.to_thread(tracing.close)


def main() -> int:
    """Serves; 1 where a part is missing, with one line that says which."""
    if not settings_are_right(*SETTINGS):
        return 1
    keep_freed_memory()
    try:
        asyncio.run(serve())
    except DensaError as error:
        log.error("gateway_cannot_start", reason=error.reason, error=error.message)  # noqa: TRY400  # expected
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
