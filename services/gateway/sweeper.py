"""The gateway's part in the sweep: asks for one every second, and wakes whom it finds lacking."""

import asyncio

import redis.asyncio
import structlog

from services.common.errors import DensaError
from services.common.metrics import GatewayMetrics
from services.common.scripts import script
from services.common.settings import LeaseSettings
from services.common.sweeping import SWEEP_SECONDS, sweep_arguments, to_swept
from services.gateway.redis_answers import redis_answers
from services.gateway.waker import Waker

log = structlog.get_logger()


class Sweeper:
    """Sweeps. `run` it as one task."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        waker: Waker,
        queue_name: str,
        leases: LeaseSettings,
        metrics: GatewayMetrics,
    ) -> None:
        self._script = client.register_script(script("sweep"))
        self._arguments = sweep_arguments(queue_name, leases)
        self._waker = waker
        self._metrics = metrics

    async def run(self) -> None:
        """Sweeps until cancelled."""
        while True:
            try:
                await self.sweep()
            except DensaError as error:
                log.warning("sweep_failed", reason=error.reason)
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """One sweep. Raises Unavailable."""
        async with redis_answers():
            swept = to_swept(await self._script(args=self._arguments))
        self._metrics.queued_again.inc(swept.queued_again)
        if swept.queued_again or swept.expired:
            log.info("swept", queued_again=swept.queued_again, expired_jobs=swept.expired)
        if swept.wake_ups_lacking:
            self._waker.wake(swept.wake_ups_lacking)
