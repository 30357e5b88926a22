"""What was decided is loaded beside what answers, and exchanged; a refusal changes nothing."""

import pytest

from services.common.classification import ModelIdentity
from services.common.errors import BundleError
from services.common.model_choice import ActiveModel, Candidate, ModelChoice
from services.common.worker_report import ModelStatus
from services.inference.classifier import Classifier
from services.worker import model_keeper as module
from services.worker.aftercare import Aftercare
from services.worker.handler import Handler
from services.worker.model_keeper import ModelKeeper
from services.worker.model_switch import ModelSwitch
from tests.fakes.classifier import FakeClassifier, grey
from tests.unit.worker.worker_world import WorkerWorld


class Versioned(FakeClassifier):
    """A classifier of some version."""

    def __init__(self, version: str) -> None:
        super().__init__()
        self.identity = ModelIdentity("fake", version, f"digest of {version}")


class Kept:
    """A keeper without a thread."""

    def __init__(self, world: WorkerWorld) -> None:
        self.loaded: list[str] = []
        self.broken: set[str] = set()

        def make_handler(_: Classifier) -> Handler:
            return world.handler

        self.switch = ModelSwitch(Versioned("1.0.0"), make_handler)
        self.keeper = ModelKeeper(ModelChoice, self._load, self.switch, lambda: ("fake/1.0.0",))

    def _load(self, name: str, version: str) -> Classifier:
        self.loaded.append(version)
        if version in self.broken:
            raise BundleError(f"{name} is broken", reason="GOLDEN_MISMATCH")
        return Versioned(version)

    @property
    def answering(self) -> str:
        """The version."""
        return self.switch.classifier.identity.version


def active(version: str, digest: str = "") -> ActiveModel:
    """A version that was activated."""
    return ActiveModel("fake", version, digest or f"digest of {version}")


@pytest.fixture
def kept(world: WorkerWorld) -> Kept:
    return Kept(world)


def test_a_candidate_is_made_ready_once_and_answers_when_it_is_activated(kept: Kept) -> None:
    # When
    candidate = Candidate("r1", "fake", "2.0.0")
    kept.keeper.follow(ModelChoice(candidate=candidate))
    kept.keeper.follow(ModelChoice(candidate=candidate))

    # Then
    (state,) = kept.keeper.states
    assert (state.status, state.request, state.digest) == ("ready", "r1", "digest of 2.0.0")
    assert kept.answering == "1.0.0"

    # When
    kept.keeper.follow(ModelChoice(active=active("2.0.0")))

    # Then
    assert kept.answering == "2.0.0"
    assert kept.keeper.states == ()
    assert kept.loaded == ["2.0.0"]


def test_a_candidate_that_is_refused_is_reported_with_why_and_asked_for_again_by_another(
    kept: Kept,
) -> None:
    # Given
    kept.broken.add("2.0.0")

    # When
    kept.keeper.follow(ModelChoice(candidate=Candidate("r1", "fake", "2.0.0")))

    # Then
    (state,) = kept.keeper.states
    assert (state.status, state.reason) == (ModelStatus.REFUSED, "GOLDEN_MISMATCH")

    # When
    kept.broken.clear()
    kept.keeper.follow(ModelChoice(candidate=Candidate("r2", "fake", "2.0.0")))

    # Then
    assert kept.keeper.states[0].status == ModelStatus.READY


def test_what_was_activated_and_cannot_be_loaded_is_tried_again_after_a_while(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    kept.broken.add("2.0.0")
    choice = ModelChoice(active=active("2.0.0"))

    # When
    kept.keeper.follow(choice)
    kept.keeper.follow(choice)

    # Then
    assert kept.answering == "1.0.0"
    assert kept.loaded == ["2.0.0"]
    assert kept.keeper.states[0].status == ModelStatus.REFUSED

    # When
    kept.broken.clear()
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    kept.keeper.follow(choice)

    # Then
    assert kept.answering == "2.0.0"
    assert kept.keeper.states == ()


def test_other_bytes_than_those_activated_do_not_answer(kept: Kept) -> None:
    # When
    kept.keeper.follow(ModelChoice(active=active("2.0.0", digest="another")))

    # Then
    assert kept.answering == "1.0.0"
    assert kept.keeper.states[0].reason == "DIGEST_MISMATCH"


def test_a_redis_that_lost_the_decision_changes_nothing(kept: Kept) -> None:
    # Given
    kept.keeper.follow(ModelChoice(active=active("2.0.0")))

    # When
    kept.keeper.follow(ModelChoice())

    # Then
    assert kept.answering == "2.0.0"


def test_images_are_kept_where_they_are_retained(world: WorkerWorld) -> None:
    # Given
    world.handler._aftercare = Aftercare(world.store, retains=True)
    world.accept("a", grey(10))

    # When
    world.work()

    # Then
    assert world.presence("a")
    assert len(world.store.images) == 1
