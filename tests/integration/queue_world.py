"""The scripts on a real Redis, and hands on its clockwork."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import redis
import redis.asyncio

from services.common import keys
from services.common.lanes import Lane
from services.common.messages import ImageRef, Outcome
from services.common.scripts import script
from services.common.settings import LeaseSettings
from services.common.sweeping import Swept, sweep_arguments, to_swept
from services.gateway.job_registry import Opening, RedisJobRegistry
from services.worker.job_ledger import RedisJobLedger
from tests.integration.jobs_under_test import QUEUE, ledger_on, new_registrant, registry_on


@dataclass
class QueueWorld:
    """A gateway's and a worker's side, and Redis itself."""

    registry: RedisJobRegistry
    ledger: RedisJobLedger
    client: redis.Redis
    leases: LeaseSettings

    @classmethod
    def on(
        cls, asynchronous: redis.asyncio.Redis, client: redis.Redis, **limits: int
    ) -> "QueueWorld":
        """A world with these limits."""
        leases = LeaseSettings()
        return cls(registry_on(asynchronous, **limits), ledger_on(client, leases), client, leases)

    async def accept(
        self, count: int, lane: Lane = Lane.ROUTINE, submitter: str = "s", size: int = 1000
    ) -> list[ImageRef]:
        """A job of so many images."""
        job = await self.registry.open(Opening(lane, submitter))
        images = [ImageRef(job, f"{n}") for n in range(count)]
        for image in images:
            await self.registry.register(image, new_registrant(size=size))
        return images

    def claim(self, *, exclusive: bool = False) -> list[ImageRef]:
        """The images of a claim."""
        return [one.image for one in self.ledger.claim(exclusive=exclusive).images]

    def finish(self, images: Sequence[ImageRef]) -> None:
        """Writes outcomes."""
        self.ledger.write([(image, Outcome(image.image_id, error={})) for image in images])

    def die(self, images: Sequence[ImageRef]) -> Swept:
        """As if the worker had died with these images in hand, long enough ago; and a sweep."""
        self.client.zadd(keys.LEASES, {image.member: 1.0 for image in images})
        return self.sweep()

    def sweep(self, seconds_since_the_last: float = 1.0) -> Swept:
        """A sweep, as if the one before had been so long ago."""
        seconds, micros = self.client.time()
        self.client.set("densa:swept", seconds + micros / 1e6 - seconds_since_the_last)
        return self.sweep_again()

    def sweep_again(self) -> Swept:
        """A sweep now, which does nothing where there was one just before."""
        run = self.client.register_script(script("sweep"))
        return to_swept(run(args=sweep_arguments(QUEUE, self.leases)))

    @property
    def load(self) -> dict[bytes, bytes]:
        """What has no outcome yet; empty where everything has."""
        return cast("dict[bytes, bytes]", self.client.hgetall(keys.LOAD))

    @property
    def traces(self) -> set[bytes]:
        """Keys that are left, besides the two counters that stay."""
        return set(cast("list[bytes]", self.client.keys("*"))) - {
            b"densa:passed",
            b"densa:urgent",
            b"densa:swept",
        }


class QueueOf(Protocol):
    """Makes a world with these limits."""

    def __call__(self, **limits: int) -> QueueWorld:
        """`images` and `size` at most."""
        ...
