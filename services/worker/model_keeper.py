"""Keeps the model that answers the one that was decided on, without a restart.

A thread of its own: it loads, verifies and warms a version while the one before answers,
then exchanges them. A version that is refused changes nothing; it is reported, with why.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from services.common.errors import BundleError, DensaError, Unavailable
from services.common.model_choice import ActiveModel, Candidate, ModelChoice
from services.common.worker_report import ModelRole, ModelState, ModelStatus
from services.inference.classifier import Classifier
from services.worker.model_switch import ModelSwitch

log = structlog.get_logger()

POLL_SECONDS = 0.5
"""How often it is looked what was decided."""

LIST_SECONDS = 2.0
"""How often it is looked which versions there are."""

RETRY_SECONDS = 30.0
"""After which a refused version is tried again that all are to answer with: a file may have
been copied meanwhile."""


class Load(Protocol):
    """Loads and verifies a version. Raises BundleError."""

    def __call__(self, name: str, version: str) -> Classifier:
        """Its classifier, warm."""
        ...


class ModelKeeper:
    """Watches the decision from `start` to `stop`."""

    def __init__(
        self,
        choices: Callable[[], ModelChoice],
        load: Load,
        switch: ModelSwitch,
        list_versions: Callable[[], tuple[str, ...]],
    ) -> None:
        self._choices = choices
        self._list_versions = list_versions
        self._load = load
        self._switch = switch
        self._prepared: Classifier | None = None
        self._candidate = ModelState(ModelRole.CANDIDATE, "", "", ModelStatus.LOADING)
        self._active: ModelState | None = None
        self._tried_at = float("-inf")
        self.states: tuple[ModelState, ...] = ()
        """What is to be reported of versions that do not answer."""
        self.versions: tuple[str, ...] = list_versions()
        """What could be loaded."""
        self._listed_at = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="models", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watches no more. Does not wait for a version that is being loaded."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if time.monotonic() - self._listed_at > LIST_SECONDS:
                self.versions, self._listed_at = self._list_versions(), time.monotonic()
            try:
                self.follow(self._choices())
            except Unavailable as error:
                log.warning("model_choice_unknown", error=error.message)
            self._stopping.wait(POLL_SECONDS)

    def follow(self, choice: ModelChoice) -> None:
        """Does what was decided, as far as it can be done."""
        if choice.candidate is not None:
            self._prepare(choice.candidate)
        self._answer_with(choice.active)
        if choice.candidate is None:  # decided: memory is for what is used
            self._prepared = None
        candidate = [self._candidate] if choice.candidate is not None else []
        self.states = (*candidate, *([self._active] if self._active else []))

    def _prepare(self, candidate: Candidate) -> None:
        if self._candidate.request == candidate.request:
            return
        self._candidate = ModelState(
            ModelRole.CANDIDATE,
            candidate.name,
            candidate.version,
            ModelStatus.LOADING,
            request=candidate.request,
        )
        self.states = (self._candidate, *([self._active] if self._active else []))
        self._prepared = None
        found = self._try(candidate.name, candidate.version)
        if isinstance(found, DensaError):
            self._candidate = self._candidate.refused(found)
        else:
            self._prepared = found
            self._candidate = self._candidate.ready(found.identity.digest)

    def _answer_with(self, active: ActiveModel | None) -> None:
        # Nothing decided, or no more, where Redis lost it: what answers goes on answering.
        if active is None or active.identity == self._switch.classifier.identity:
            self._active = None
            return
        if self._prepared is not None and self._prepared.identity == active.identity:
            self._switch.switch(self._prepared)
            self._active = None
            return
        known = self._active is not None and (
            (self._active.name, self._active.version, self._active.request)
            == (active.name, active.version, active.digest)
        )
        if known and time.monotonic() - self._tried_at < RETRY_SECONDS:
            return
        self._active = self._load_late(active)

    def _load_late(self, active: ActiveModel) -> ModelState | None:
        """Loads what others have prepared already; why it is refused, if it is."""
        self._tried_at = time.monotonic()
        state = ModelState(
            ModelRole.ACTIVE,
            active.name,
            active.version,
            ModelStatus.LOADING,
            request=active.digest,
        )
        self.states = (state,)
        found = self._try(active.name, active.version, active.digest)
        if isinstance(found, DensaError):
            return state.refused(found)
        self._switch.switch(found)
        return None

    def _try(self, name: str, version: str, digest: str = "") -> Classifier | DensaError:
        try:
            classifier = self._load(name, version)
            check_digest(classifier, digest)
        except DensaError as error:
            log.error("model_refused", model=name, version=version, reason=error.reason,  # noqa: TRY400
                      error=error.message)  # fmt: skip
            return error
        except Exception as error:
            log.exception("model_refused", model=name, version=version)
            return BundleError(f"Loading {name} {version} failed: {error}")
        return classifier


def check_digest(classifier: Classifier, digest: str) -> None:
    """Raises BundleError where a version is made of other bytes than were activated."""
    found = classifier.identity
    if digest and found.digest != digest:
        raise BundleError(
            f"{found.name} {found.version} in this worker's model repository has the digest "
            f"{found.digest}; activated was {digest}. A published version is never changed: copy "
            "it again from where it was published.",
            reason="DIGEST_MISMATCH",
        )
