"""A gateway of real parts on fake ports, and a client of its streams."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from services.common.errors import InternalError
from services.common.messages import ImageRef, Outcome
from services.gateway.admission import Submission
from services.gateway.backlog import Backlog, Limits
from services.gateway.case_finisher import CaseFinisher
from services.gateway.intake import Intake
from services.gateway.job_registry import Opening
from services.gateway.parts import Parts
from services.gateway.readiness import Readiness
from services.gateway.result_reader import ResultReader
from services.gateway.settings import GatewaySettings
from services.gateway.stream_session import StreamSession
from services.gateway.unary_call import UnaryCalls
from services.gateway.waker import Waker
from tests.fakes.cases import FakeCases
from tests.fakes.classifier import classification
from tests.fakes.image_store import FakeImageStore
from tests.fakes.job_ledger import FakeJobLedger
from tests.fakes.job_registry import FakeJobRegistry
from tests.fakes.jobs import MemoryJobs
from tests.fakes.results_redis import FakeResultsRedis
from tests.fakes.wake_up_queue import FakeWakeUpQueue
from tests.waiting import settled, until

PNG = b"\x89PNG\r\n\x1a\n"


def submission(image_id: str, image: bytes = PNG) -> Submission:
    """A micrograph that is taken."""
    return Submission(image_id, image)


class GatewayWorld:
    """Everything behind the servicers."""

    def __init__(self, settings: GatewaySettings | None = None) -> None:
        self.settings = settings or GatewaySettings()
        self.state = MemoryJobs()
        self.registry = FakeJobRegistry(self.state)
        self.ledger = FakeJobLedger(self.state)
        self.store = FakeImageStore()
        self.queue = FakeWakeUpQueue()
        self.redis = FakeResultsRedis(self.state)
        self.cases = FakeCases(self.state)
        self.finisher = CaseFinisher(self.cases)
        self.reader = ResultReader(self.redis.as_client(), self.finisher.look)
        self.waker = Waker(self.queue)
        self.executor = ThreadPoolExecutor(1)
        self.intake = Intake(
            self.registry,
            self.store,
            self.waker,
            self.executor,
            max_image_bytes=self.settings.max_image_bytes,
        )
        self.backlog = Backlog(Limits(100, 2**30))
        self.parts = Parts(
            self.registry, self.reader, self.intake, self.backlog, self.cases, self.finisher
        )
        self.readiness = Readiness(self.redis.as_client(), _tell_nobody, self.backlog)
        self.readiness.ready = True
        self.unary_calls = UnaryCalls(self.parts, self.readiness, self.settings)
        self.draining = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["GatewayWorld"]:
        """Reads results and wakes workers meanwhile."""
        tasks = [asyncio.create_task(work) for work in (self.reader.run(), self.waker.run())]
        await settled()
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.waker.close()
            self.executor.shutdown()

    def session(self) -> StreamSession:
        """One stream's session."""
        return StreamSession(self.parts, self.settings, self.draining, "a client")

    @property
    def images(self) -> list[ImageRef]:
        """What waits for a worker."""
        return list(self.state.waiting)

    async def open(self) -> str:
        """Opens a job."""
        return await self.registry.open(Opening())

    async def work(self, count: int) -> list[ImageRef]:
        """Gives the next images that wait their outcomes, as a worker would."""
        await until(lambda: len(self.state.waiting) >= count)
        images = [self.state.waiting.popleft() for _ in range(count)]
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


async def _tell_nobody(*, serving: bool, as_decided: bool) -> None:
    del serving, as_decided
