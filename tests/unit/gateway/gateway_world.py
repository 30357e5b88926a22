"""A gateway of real parts on fake ports, and a client of its streams."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from services.common.errors import InternalError
from services.common.messages import ImageRef, Outcome
from services.gateway.admission import Submission
from services.gateway.dispatcher import Dispatcher
from services.gateway.intake import Intake
from services.gateway.readiness import Readiness
from services.gateway.result_reader import ResultReader
from services.gateway.settings import GatewaySettings
from services.gateway.stream_session import StreamSession
from services.gateway.unary_call import UnaryCalls
from tests.fakes.classifier import classification
from tests.fakes.image_store import FakeImageStore
from tests.fakes.job_ledger import FakeJobLedger
from tests.fakes.job_registry import FakeJobRegistry
from tests.fakes.jobs import MemoryJobs
from tests.fakes.results_redis import FakeResultsRedis
from tests.fakes.task_queue import FakeTaskQueue
from tests.waiting import settled, until

PNG = b"\x89PNG\r\n\x1a\n"


def submission(image_id: str, image: bytes = PNG) -> Submission:
    """A micrograph that is taken."""
    return Submission(image_id, image)


class GatewayWorld:
    """Everything behind the servicers."""

    def __init__(self, settings: GatewaySettings | None = None) -> None:
        self.settings = settings or GatewaySettings(batch_wait_seconds=0)
        self.state = MemoryJobs()
        self.registry = FakeJobRegistry(self.state)
        self.ledger = FakeJobLedger(self.state)
        self.store = FakeImageStore()
        self.queue = FakeTaskQueue()
        self.redis = FakeResultsRedis(self.state)
        self.reader = ResultReader(self.redis.as_client())
        self.dispatcher = Dispatcher(self.queue, self.settings)
        self.executor = ThreadPoolExecutor(1)
        self.intake = Intake(
            self.registry,
            self.store,
            self.dispatcher,
            self.executor,
            max_image_bytes=self.settings.max_image_bytes,
        )
        self.readiness = Readiness(self.redis.as_client(), _tell_nobody)
        self.readiness.ready = True
        self.unary_calls = UnaryCalls(
            self.registry, self.reader, self.intake, self.readiness, self.settings
        )
        self.draining = asyncio.Event()
        self._answered = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["GatewayWorld"]:
        """Reads results and publishes micro-batches meanwhile."""
        tasks = [asyncio.create_task(work) for work in (self.reader.run(), self.dispatcher.run())]
        await settled()
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.dispatcher.drain()
            self.executor.shutdown()

    def session(self) -> StreamSession:
        """One stream's session."""
        return StreamSession(self.registry, self.reader, self.intake, self.settings, self.draining)

    async def work(self, count: int) -> list[ImageRef]:
        """Gives the next images of the queue their outcomes, as a worker would."""
        await until(lambda: len(self.queue.images) >= self._answered + count)
        images = self.queue.images[self._answered : self._answered + count]
        self._answered += count
        for image in images:
            self.answer(image)
        return images

    def answer(self, image: ImageRef) -> None:
        """Gives one image its outcome."""
        self.ledger.write([(image, Outcome(image.image_id, classification=classification(9)))])

    def fail(self, image: ImageRef) -> None:
        """Gives one image an error as its outcome."""
        error = InternalError("It failed.").to_record()
        self.ledger.write([(image, Outcome(image.image_id, error=error))])


async def _tell_nobody(*, serving: bool) -> None:
    del serving
