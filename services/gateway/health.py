"""The standard health service, with watches that end when the server stops."""

import asyncio
from typing import Any

from grpc_health.v1 import health, health_pb2

LAST_WORD_SECONDS = 0.1
"""How long watchers have to hear NOT_SERVING before their calls end."""


class Health(health.aio.HealthServicer):  # type: ignore[misc]
    """grpc.health.v1.Health.

    A watch lasts as long as its client likes, and a graceful stop waits for
    calls that last: without an end of its own, every load balancer that
    watches would cost the whole grace period.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ended = asyncio.Event()

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Any) -> None:  # noqa: N802
        """See grpc.health.v1."""
        watching = asyncio.ensure_future(super().Watch(request, context))
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({watching, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            ended.cancel()
            await asyncio.gather(watching, ended, return_exceptions=True)

    async def enter_graceful_shutdown(self) -> None:
        """NOT_SERVING from now on; those who watch hear it, then their calls end."""
        await super().enter_graceful_shutdown()
        await asyncio.sleep(LAST_WORD_SECONDS)
        self._ended.set()
