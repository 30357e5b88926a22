"""Micro-batches become outcomes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.common.messages import ImageRecord, ImageRef, Outcome
from services.inference.classifier import PreparedImage
from tests.fakes.classifier import POISON, UNREADABLE, grey
from tests.unit.worker.worker_world import JOB, WorkerWorld


def test_each_image_gets_its_own_answer(world: WorkerWorld) -> None:
    # Given
    images = [world.accept(f"{level}", grey(level)) for level in range(10)]

    # When
    world.handler.handle(images)

    # Then
    assert list(world.outcomes()) == [image.image_id for image in images]
    assert [world.presence(f"{level}") for level in range(10)] == pytest.approx(range(10))


def test_an_outcome_says_the_case_and_the_time_in_the_queue(world: WorkerWorld) -> None:
    # Given
    image = world.accept("a", grey(1))

    # When
    world.handler.handle([image])

    # Then: accepted at the epoch
    outcome = world.outcomes()["a"]
    assert outcome.case_id == "case of a"
    assert outcome.queue_seconds > 1_000_000_000


def test_an_image_accepted_by_a_clock_that_is_ahead_waited_no_time(world: WorkerWorld) -> None:
    # Given
    image = world.accept("a", grey(1))
    world.state.jobs[JOB].images["a"] = ImageRecord("0" * 64, accepted_at=1e12)

    # When
    world.handler.handle([image])

    # Then
    assert world.outcomes()["a"].queue_seconds == 0.0


def test_an_image_of_a_deleted_job_is_not_run(world: WorkerWorld) -> None:
    # Given
    images = [world.accept("a", grey(1), job="deleted"), world.accept("b", grey(2))]
    del world.state.jobs["deleted"]

    # When
    world.handler.handle(images)

    # Then
    assert world.classifier.prepared == [grey(2)]
    assert world.presence("b") == pytest.approx(2)


def test_an_image_that_has_its_outcome_is_not_run_again(world: WorkerWorld) -> None:
    # Given
    images = [world.accept("a", grey(1)), world.accept("b", grey(2))]
    world.handler.handle(images[:1])

    # When: the same micro-batch again, as a queue that delivers at least once may do
    world.handler.handle(images)

    # Then
    assert world.classifier.prepared == [grey(1), grey(2)]
    assert list(world.outcomes()) == ["a", "b"]


def test_the_pixels_go_when_the_outcome_is_written_whatever_it_is(world: WorkerWorld) -> None:
    # Given
    images = [world.accept("a", grey(1)), world.accept("b", UNREADABLE), world.accept("c", POISON)]

    # When
    world.handler.handle(images)

    # Then
    assert world.store.images == {}


def test_a_run_takes_as_many_windows_as_the_model_and_no_image_is_split(world: WorkerWorld) -> None:
    # Given: 4 windows fit a run
    counts = [3, 1, 2, 2, 1, 9, 1]
    images = [world.accept(f"{i}", grey(i, windows)) for i, windows in enumerate(counts)]

    # When
    world.handler.handle(images)

    # Then
    assert world.classifier.runs == [2, 2, 1, 1, 1]
    assert [world.presence(f"{i}") for i in range(7)] == pytest.approx(range(7))


def test_unreadable_images_take_no_place_in_a_run(world: WorkerWorld) -> None:
    # Given
    images = [world.accept(f"bad {i}", UNREADABLE) for i in range(9)]
    images += [world.accept(f"{i}", grey(i)) for i in range(4)]

    # When
    world.handler.handle(images)

    # Then
    assert world.classifier.runs == [4]
    assert len(world.outcomes()) == 13


def test_the_first_outcomes_are_written_while_the_last_images_are_decoded(
    world: WorkerWorld,
) -> None:
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


def test_micro_batches_of_several_threads_do_not_mix(world: WorkerWorld) -> None:
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


def test_an_empty_micro_batch_is_no_work(world: WorkerWorld) -> None:
    # When
    world.handler.handle([])

    # Then
    assert world.classifier.runs == []
    assert world.outcomes() == {}
