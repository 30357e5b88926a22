"""A second version beside the one that answers: it classifies answered images again, to compare.

In one thread of the lowest priority, after the answer is written, from a short queue of
names: it holds no pixels, and what does not fit is left out and counted. So no answer waits
for it, and none fails by it.
"""

import os
import queue
import sys
import threading
from collections.abc import Callable

import structlog

from services.common.classification import Classification, ModelIdentity
from services.common.errors import DensaError, InternalError, Unavailable
from services.common.image_store import ImageStore
from services.common.messages import ImageRecord
from services.common.model_choice import ShadowModel
from services.common.worker_report import ModelRole, ModelState, ModelStatus
from services.inference.classifier import Classifier
from services.worker.comparisons import RedisComparisons

log = structlog.get_logger()

WAITING = 32
"""Images that wait at most."""

LOOK_SECONDS = 0.2
"""How often the thread looks whether another version is wanted."""

LOWEST_PRIORITY = 19

Taken = tuple[str, float | None, Classification]
"""Key and pixel size of an image, and its answer."""


class Shadow:
    """Runs from `start` to `stop`. Other methods may be called by any thread.

    Args:
        load: Loads and verifies a version, for runs of one thread each. Raises BundleError.
        store: Where the pixels are.
        comparisons: Where agreement is counted.
    """

    def __init__(
        self,
        load: Callable[[str, str], Classifier],
        store: ImageStore,
        comparisons: RedisComparisons,
    ) -> None:
        self._load = load
        self._store = store
        self._comparisons = comparisons
        self._let_go: Callable[[str], None] = store.delete
        self._wanted: ShadowModel | None = None
        self._classifier: Classifier | None = None
        self._skipped = 0
        self._queue: queue.Queue[Taken] = queue.Queue(WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self.state: ModelState | None = None
        """What is to be reported of the version in the shadow."""

    def start(self, let_go: Callable[[str], None]) -> None:
        """Begins; `let_go` is called with each image it took, when it is done with it."""
        self._let_go = let_go
        self._thread.start()

    def stop(self) -> None:
        """Ends after the image in hand; the others are let go."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def want(self, shadow: ShadowModel | None) -> None:
        """Which version is to run, if any. The thread loads it."""
        self._wanted = shadow

    def offer(self, key: str, record: ImageRecord, answer: Classification) -> bool:
        """See Onlooker. The share is by the digest of the bytes: the same images each time."""
        wanted, classifier = self._wanted, self._classifier
        if wanted is None or classifier is None or self._stopping.is_set():
            return False
        if (
            classifier.identity == answer.model
            or int(record.digest[:8], 16) >= wanted.share * 2**32
        ):
            return False
        try:
            self._queue.put_nowait((key, record.details.pixel_size_nm, answer))
        except queue.Full:
            self._skipped += 1
            return False
        return True

    def _run(self) -> None:
        _lower_priority()
        while not self._stopping.is_set():
            self._follow()
            try:
                taken = self._queue.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            self._look_at(taken)
        while not self._queue.empty():
            self._let_go(self._queue.get()[0])

    def _follow(self) -> None:
        """Loads what is wanted, once; forgets what is not."""
        wanted = self._wanted
        if wanted is None:
            self._classifier = self.state = None
            return
        if self.state is not None and self.state.request == wanted.request:
            return
        self._classifier = None
        state = ModelState(
            ModelRole.SHADOW,
            wanted.name,
            wanted.version,
            ModelStatus.LOADING,
            request=wanted.request,
        )
        self.state = state
        try:
            classifier = self._load(wanted.name, wanted.version)
        except Exception as error:
            known = error if isinstance(error, DensaError) else InternalError(str(error))
            log.exception("shadow_refused", model=wanted.name, version=wanted.version)
            self.state = state.refused(known)
            return
        self._classifier, self.state = classifier, state.ready(classifier.identity.digest)
        log.info("shadow_loaded", model=wanted.name, version=wanted.version, share=wanted.share)

    def _look_at(self, taken: Taken) -> None:
        key, pixel_size_nm, answer = taken
        classifier = self._classifier
        try:
            if classifier is not None and (pixels := self._store.get(key)) is not None:
                self._compare(classifier, key, pixels, pixel_size_nm, answer)
        except Unavailable as error:
            log.warning("not_compared", reason=error.reason)
        finally:
            self._let_go(key)

    def _compare(
        self,
        classifier: Classifier,
        key: str,
        pixels: bytes,
        pixel_size_nm: float | None,
        answer: Classification,
    ) -> None:
        """Raises Unavailable."""
        identity: ModelIdentity = classifier.identity
        skipped, self._skipped = self._skipped, 0
        if skipped:
            self._comparisons.missed(answer.model, identity, "skipped", skipped)
        try:
            (other,) = classifier.classify([classifier.prepare(pixels, pixel_size_nm)])
        except Unavailable:
            raise
        except Exception:
            log.exception("shadow_failed", model=identity.name, version=identity.version)
            self._comparisons.missed(answer.model, identity, "failed")
        else:
            self._comparisons.compared(key, answer, other)


def _lower_priority() -> None:
    """Of this thread, and of those it starts: only Linux has priorities of threads."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
