"""A handler on fakes, and jobs with images in them."""

from concurrent.futures import ThreadPoolExecutor

from services.common.image_store import image_key
from services.common.messages import ImageDetails, ImageRef, Outcome, decode_outcome
from services.gateway.job_registry import Registrant
from services.worker.handler import Handler
from services.worker.job_ledger import Claim, ClaimState
from tests.fakes.classifier import FakeClassifier
from tests.fakes.image_store import FakeImageStore
from tests.fakes.job_ledger import FakeJobLedger
from tests.fakes.jobs import MemoryJob, MemoryJobs

JOB = "j"


class WorkerWorld:
    """A handler on fakes, and jobs with images in them."""

    def __init__(self, decoders: ThreadPoolExecutor) -> None:
        self.state = MemoryJobs(jobs={JOB: MemoryJob()})
        self.store = FakeImageStore()
        self.classifier = FakeClassifier()
        self.ledger = FakeJobLedger(self.state, batch_size=1000)
        self._accepted = 0
        self.handler = Handler(self.classifier, self.ledger, self.store, decoders, group_windows=4)

    def accept(self, image_id: str, image: bytes, job: str = JOB) -> ImageRef:
        """An image as the gateway leaves it."""
        digest = f"{self._accepted:064}"
        self._accepted += 1
        details = ImageDetails(case_id=f"case of {image_id}")
        registrant = Registrant(digest, len(image), details)
        self.state.jobs.setdefault(job, MemoryJob()).images[image_id] = registrant
        self.store.images[image_key(job, image_id, digest)] = image
        ref = ImageRef(job, image_id)
        self.state.waiting.append(ref)
        self.state.accepted_at[ref] = self.state.now
        return ref

    def claim(self) -> Claim:
        """Everything that waits."""
        return self.ledger.claim(exclusive=False)

    def work(self) -> None:
        """Claims and handles until nothing waits."""
        while (claim := self.claim()).state is not ClaimState.EMPTY:
            self.handler.handle(claim)

    def outcomes(self, job: str = JOB) -> dict[str, Outcome]:
        """What was written, in the order written."""
        texts = [decode_outcome(text) for text in self.state.jobs[job].results]
        return {outcome.image_id: outcome for outcome in texts}

    def presence(self, image_id: str) -> float:
        """The probability an image got, times 255."""
        answer = self.outcomes()[image_id].classification
        assert answer is not None, self.outcomes()[image_id].error
        return answer.presence.probability * 255

    def reason(self, image_id: str) -> str:
        """Why an image got none."""
        error = self.outcomes()[image_id].error
        assert error is not None
        return error["reason"]
