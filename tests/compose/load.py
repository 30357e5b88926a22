"""A job and single calls that go on while something is done to the service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from services.client import AsyncDensaClient
from services.client.images import Image
from services.client.options import ClientOptions
from tests.faults.driving import Drive, image, level_of
from tests.integration.micrographs import TOLERANCE, presence
from tests.waiting import until

ENOUGH = 100
"""Results before something is done, and after."""

PAUSE_SECONDS = 0.01
"""Between two images of the stream: it is to last, not to press."""

CALLER = ClientOptions(attempts=12)
"""A caller of single calls who comes back, as the documentation says, for half a minute."""


@dataclass
class Load:
    """What was sent, and what came back."""

    driven: Drive = field(default_factory=Drive)
    sent: int = 0
    calls: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def images(self) -> AsyncIterator[Image]:
        """One after the other, until it is over."""
        while not self._over.is_set():
            self.sent += 1
            yield image(self.sent - 1)
            await asyncio.sleep(PAUSE_SECONDS)

    async def call(self, address: str) -> None:
        """Single calls, each with the right answer, until it is over."""
        async with AsyncDensaClient(address, CALLER) as densa:
            while not self._over.is_set():
                answer = await densa.classify(image(self.calls))
                right = presence(level_of(self.calls))
                assert answer.presence.probability == pytest.approx(right, abs=TOLERANCE)
                self.calls += 1

    async def goes_on(self) -> None:
        """Waits for results of images and calls that came after this moment."""
        results, calls = len(self.driven.results) + ENOUGH, self.calls + 3
        await until(lambda: len(self.driven.results) >= results and self.calls >= calls, limit=120)

    def end(self) -> None:
        """No image after this."""
        self._over.set()


async def under_load(address: str, doing: Callable[[], object]) -> Load:
    """Does something, in a thread, in the midst of a job and of calls; both then have all answers,
    and each of them once.
    """
    load = Load()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(load.driven.run(address, load.images()))
        tasks.create_task(load.call(address))
        await load.goes_on()
        await asyncio.to_thread(doing)
        await load.goes_on()
        load.end()
    load.driven.check(load.sent)
    return load
