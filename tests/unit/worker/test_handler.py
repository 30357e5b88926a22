"""Micro-batches become outcomes; what cannot be classified fails alone."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.common.errors import Unavailable
from services.common.image_store import image_key
from services.common.messages import ImageRecord, ImageRef, Outcome, decode_outcome
from services.inference.classifier import PreparedImage
from services.worker.handler import Handler
from tests.fakes.classifier import CRASHING, POISON, UNREADABLE, FakeClassifier, grey
from tests.fakes.image_store import FakeImageStore
from tests.fakes.job_ledger import FakeJobLedger
from tests.fakes.jobs import MemoryJob, MemoryJobs

JOB = "j"


class World:
    """A handler on fakes, and jobs with images in them."""

    def __init__(self, decoders: ThreadPoolExecutor) -> None:
        self.state = MemoryJobs(jobs={JOB: MemoryJob()})
        self.store = FakeImageStore()
        self.classifier = FakeClassifier()
        self.ledger = FakeJobLedger(self.state)
        self.handler = Handler(self.classifier, self.ledger, self.store, decoders, group_windows=4)

    def accept(self, image_id: str, image: bytes, job: str = JOB) -> ImageRef:
        """An image as the gateway leaves it."""
        digest = f"{len(self.store.images):064}"
        record = ImageRecord(digest, accepted_at=0.0, case_id=f"case of {image_id}")
        self.state.jobs.setdefault(job, MemoryJob()).images[image_id] = record
        self.store.images[image_key(job, image_id, digest)] = image
        return ImageRef(job, image_id)

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


@pytest.fixture
def world() -> Iterator[World]:
    with ThreadPoolExecutor(4) as decoders:
        yield World(decoders)


def test_each_image_gets_its_own_answer(world: World) -> None:
    # Given
    images = [world.accept(f"{level}", grey(level)) for level in range(10)]

    # When
    world.handler.handle(images)

    # Then
    assert list(world.outcomes()) == [image.image_id for image in images]
    assert [world.presence(f"{level}") for level in range(10)] == pytest.approx(range(10))


def test_an_outcome_says_the_case_and_the_time_in_the_queue(world: World) -> None:
    # Given
    image = world.accept("a", grey(1))

    # When
    world.handler.handle([image])

    # Then: accepted at the epoch
    outcome = world.outcomes()["a"]
    assert outcome.case_id == "case of a"
    assert outcome.queue_seconds > 1_000_000_000


def test_an_image_accepted_by_a_clock_that_is_ahead_waited_no_time(world: World) -> None:
    # Given
    image = world.accept("a", grey(1))
    world.state.jobs[JOB].images["a"] = ImageRecord("0" * 64, accepted_at=1e12)

    # When
    world.handler.handle([image])

    # Then
    assert world.outcomes()["a"].queue_seconds == 0.0


@pytest.mark.parametrize(("bad", "reason"), [(UNREADABLE, "CORRUPT_IMAGE"), (CRASHING, "INTERNAL")])
def test_an_image_that_cannot_be_read_fails_alone_and_says_why(
    world: World, bad: bytes, reason: str
) -> None:
    # Given
    images = [world.accept("a", grey(1)), world.accept("b", bad), world.accept("c", grey(3))]

    # When
    world.handler.handle(images)

    # Then
    assert world.reason("b") == reason
    assert [world.presence("a"), world.presence("c")] == pytest.approx([1, 3])
    assert world.classifier.runs == [2]


def test_an_image_that_breaks_the_model_run_fails_alone(world: World) -> None:
    # Given
    images = [world.accept("a", grey(1)), world.accept("b", POISON), world.accept("c", grey(3))]

    # When
    world.handler.handle(images)

    # Then: all together, then each alone
    assert world.reason("b") == "INTERNAL"
    assert [world.presence("a"), world.presence("c")] == pytest.approx([1, 3])
    assert world.classifier.runs == [3, 1, 1, 1]


def test_an_error_does_not_tell_what_broke_inside(world: World) -> None:
    # Given
    image = world.accept("a", CRASHING)

    # When
    world.handler.handle([image])

    # Then
    error = world.outcomes()["a"].error
    assert error is not None
    assert "a bug in a decoder" not in error["message"]


def test_an_image_whose_pixels_are_gone_fails_alone(world: World) -> None:
    # Given
    images = [world.accept("a", grey(1)), world.accept("b", grey(2))]
    world.store.images.popitem()

    # When
    world.handler.handle(images)

    # Then
    assert world.reason("b") == "INTERNAL"
    assert world.presence("a") == pytest.approx(1)


def test_an_image_of_a_deleted_job_is_not_run(world: World) -> None:
    # Given
    images = [world.accept("a", grey(1), job="deleted"), world.accept("b", grey(2))]
    del world.state.jobs["deleted"]

    # When
    world.handler.handle(images)

    # Then
    assert world.classifier.prepared == [grey(2)]
    assert world.presence("b") == pytest.approx(2)


def test_an_image_that_has_its_outcome_is_not_run_again(world: World) -> None:
    # Given
    images = [world.accept("a", grey(1)), world.accept("b", grey(2))]
    world.handler.handle(images[:1])

    # When: the same micro-batch again, as a queue that delivers at least once may do
    world.handler.handle(images)

    # Then
    assert world.classifier.prepared == [grey(1), grey(2)]
    assert list(world.outcomes()) == ["a", "b"]


def test_the_pixels_go_when_the_outcome_is_written_whatever_it_is(world: World) -> None:
    # Given
    images = [world.accept("a", grey(1)), world.accept("b", UNREADABLE), world.accept("c", POISON)]

    # When
    world.handler.handle(images)

    # Then
    assert world.store.images == {}


def test_the_pixels_stay_while_the_outcome_cannot_be_written(world: World) -> None:
    # Given
    image = world.accept("a", grey(1))

    def away(_: object) -> None:
        raise Unavailable("The queue cannot be reached.")

    world.ledger.write = away  # type: ignore[assignment]

    # When
    with pytest.raises(Unavailable):
        world.handler.handle([image])

    # Then
    assert len(world.store.images) == 1


def test_a_store_that_is_away_writes_nothing_so_that_the_batch_can_run_again(
    world: World,
) -> None:
    # Given
    images = [world.accept("a", grey(1)), world.accept("b", grey(2))]
    world.store.down = True

    # When
    with pytest.raises(Unavailable):
        world.handler.handle(images)

    # Then
    assert world.outcomes() == {}

    # When
    world.store.down = False
    world.handler.handle(images)

    # Then
    assert list(world.outcomes()) == ["a", "b"]


def test_a_run_takes_as_many_windows_as_the_model_and_no_image_is_split(world: World) -> None:
    # Given: 4 windows fit a run
    counts = [3, 1, 2, 2, 1, 9, 1]
    images = [world.accept(f"{i}", grey(i, windows)) for i, windows in enumerate(counts)]

    # When
    world.handler.handle(images)

    # Then
    assert world.classifier.runs == [2, 2, 1, 1, 1]
    assert [world.presence(f"{i}") for i in range(7)] == pytest.approx(range(7))


def test_unreadable_images_take_no_place_in_a_run(world: World) -> None:
    # Given
    images = [world.accept(f"bad {i}", UNREADABLE) for i in range(9)]
    images += [world.accept(f"{i}", grey(i)) for i in range(4)]

    # When
    world.handler.handle(images)

    # Then
    assert world.classifier.runs == [4]
    assert len(world.outcomes()) == 13


def test_the_first_outcomes_are_written_while_the_last_images_are_decoded(world: World) -> None:
    # Given
    images = [world.accept(f"{i}", grey(i)) for i in range(5)]
    first_written = threading.Event()
    prepare, write = world.classifier.prepare, world.ledger.write

    def slow(image: bytes, pixel_size_nm: float | None) -> PreparedImage:
        if image == grey(4):
            assert first_written.wait(30)
        return prepare(image, pixel_size_nm)

    def note(outcomes: list[tuple[ImageRef, Outcome]]) -> None:
        write(outcomes)
        first_written.set()

    world.classifier.prepare = slow  # type: ignore[method-assign]
    world.ledger.write = note  # type: ignore[assignment]

    # When
    world.handler.handle(images)

    # Then
    assert [world.presence(f"{i}") for i in range(5)] == pytest.approx(range(5))


def test_micro_batches_of_several_threads_do_not_mix(world: World) -> None:
    # Given
    batches = [
        [world.accept(f"{level}", grey(level)) for level in range(start, start + 8)]
        for start in range(0, 64, 8)
    ]

    # When
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(world.handler.handle, batches))

    # Then
    assert [world.presence(f"{level}") for level in range(64)] == pytest.approx(range(64))


def test_an_empty_micro_batch_is_no_work(world: World) -> None:
    # When
    world.handler.handle([])

    # Then
    assert world.classifier.runs == []
    assert world.outcomes() == {}
