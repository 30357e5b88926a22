"""A dispatcher that runs, and queues that keep it waiting."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

from services.common.messages import ImageRef
from services.gateway.dispatcher import Dispatcher
from services.gateway.settings import GatewaySettings
from tests.fakes.task_queue import FakeTaskQueue
from tests.waiting import settled

FOREVER = 3600.0


def settings(batch_size: int = 4, wait: float = FOREVER) -> GatewaySettings:
    """Settings of a dispatcher."""
    return GatewaySettings(batch_size=batch_size, batch_wait_seconds=wait)


def image_refs(count: int, start: int = 0) -> list[ImageRef]:
    """So many images of one job, numbered."""
    return [ImageRef("job", f"{number}") for number in range(start, start + count)]


@contextlib.asynccontextmanager
async def running(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """The dispatcher's task; drained when the context ends."""
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
        # The publishing thread is through, and the task has seen it: what is in hand at a
        # stop is published again, which is tested by itself.
        await asyncio.get_running_loop().run_in_executor(dispatcher._publisher, lambda: None)
        await settled()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await dispatcher.drain()


class HeldQueue(FakeTaskQueue):
    """A broker that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.calls = 0

    def publish(self, images: list[ImageRef]) -> None:
        """Publishes when it may."""
        self.calls += 1
        assert self.go_on.wait(30)
        super().publish(images)
