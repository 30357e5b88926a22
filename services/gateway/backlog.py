"""How much work waits, how fast it goes, and whether there is room for more."""

import asyncio
from dataclasses import dataclass

from services.common.errors import Overloaded

SHORTEST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.1, 300.0
"""Bounds of RetryInfo: sooner floods, later is no longer an estimate."""

UNKNOWN_RETRY_SECONDS = 1.0
"""RetryInfo while no worker has measured its rate yet."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be accepted and without outcome at a time, in all gateways together."""

    images: int
    bytes: int


class Backlog:
    """What this gateway last heard of the backlog: with each registration and each poll."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.images = 0
        """Accepted images without outcome."""
        self.bytes = 0
        """Bytes of their files."""
        self.images_per_second = 0.0
        """What all workers together finish, lately."""
        self.memory_full = False
        """Whether Redis is close to its memory limit."""
        self.memory_bytes = 0
        """What Redis uses."""
        self.memory_limit_bytes = 0
        """Its maxmemory; 0 where it has none."""
        self._polled = asyncio.Event()

    def update(self, images: int, held: int) -> None:
        """Takes what a registration was told."""
        self.images, self.bytes = images, held

    def poll(self, images: int, held: int, images_per_second: float, *, memory_full: bool) -> None:
        """Takes what the regular poll found."""
        self.update(images, held)
        self.images_per_second, self.memory_full = images_per_second, memory_full
        self._polled.set()

    def check(self, size: int) -> None:
        """Raises Overloaded where an image of so many bytes finds no room, as far as is known.

        Redis has the last word when the image is registered; this spares the way there.
        """
        if self.memory_full:
            raise Overloaded(
                "Redis is close to its memory limit. Jobs that are deleted or expire make room.",
                reason="QUEUE_MEMORY_FULL",
                retry_after=self.retry_after,
            )
        limits = self.limits
        if self.images and (self.images >= limits.images or self.bytes + size > limits.bytes):
            raise self.full()

    def full(self, *, whose: str = "") -> Overloaded:
        """The refusal of one image more."""
        part = f"; {whose}" if whose else ""
        return Overloaded(
            f"{self.images} micrographs of {self.bytes / 2**20:.0f} MiB are waiting already{part}. "
            f"Come back in {self.retry_after:.1f} s, or add workers.",
            reason="SUBMITTER_FULL" if whose else "QUEUE_FULL",
            retry_after=self.retry_after,
        )

    @property
    def retry_after(self) -> float:
        """Seconds until what waits now is done."""
        if not self.images_per_second:
            return UNKNOWN_RETRY_SECONDS
        seconds = self.images / self.images_per_second
        return min(LONGEST_RETRY_SECONDS, max(SHORTEST_RETRY_SECONDS, seconds))

    async def polled(self) -> None:
        """Waits for the next poll. Not for any news: refusals are news as well."""
        self._polled.clear()
        await self._polled.wait()
