"""What waits in each lane and for how long, looked up every second: for metrics and status."""

import asyncio
from dataclasses import dataclass
from typing import cast

import redis.asyncio
import structlog

from services.common.errors import DensaError
from services.common.lanes import Lane
from services.common.metrics import GatewayMetrics
from services.common.scripts import script
from services.gateway.redis_answers import redis_answers

log = structlog.get_logger()

LOOK_SECONDS = 1.0
"""How often."""


@dataclass(frozen=True, slots=True)
class LaneLoad:
    """One lane."""

    lane: Lane
    images: int
    """Accepted, without outcome; those that workers have included."""
    bytes: int
    """Of their files."""
    oldest_seconds: float
    """How long the image that waits longest for a worker has waited; 0 where none waits."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """All lanes at one moment."""

    lanes: tuple[LaneLoad, ...] = ()
    in_hand: int = 0
    """Images that workers have a lease on."""


class QueueLook:
    """Looks at the queue. `run` it as one task."""

    def __init__(self, client: redis.asyncio.Redis, metrics: GatewayMetrics) -> None:
        self._script = client.register_script(script("look"))
        self._metrics = metrics

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                self._show(await self.look())
            except DensaError as error:
                log.warning("queue_look_failed", reason=error.reason)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> QueueState:
        """The queue now. Raises Unavailable."""
        async with redis_answers():
            at, in_hand, *lanes = cast("list[bytes]", await self._script())
        now, loads = float(at), []
        for index, lane in enumerate(Lane):
            images, size, oldest = lanes[3 * index : 3 * index + 3]
            age = max(0.0, now - float(oldest)) if oldest else 0.0
            loads.append(LaneLoad(lane, int(images), int(size), age))
        return QueueState(tuple(loads), int(in_hand))

    def _show(self, state: QueueState) -> None:
        metrics = self._metrics
        metrics.in_hand.set(state.in_hand)
        for load in state.lanes:
            metrics.queue_images.labels(load.lane).set(load.images)
            metrics.queue_bytes.labels(load.lane).set(load.bytes)
            metrics.queue_age.labels(load.lane).set(load.oldest_seconds)
