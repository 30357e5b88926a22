"""Micro-batches become outcomes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.common.image_store import image_key
from services.common.messages import ImageRef, Outcome
from services.inference.classifier import PreparedImage
from services.worker.job_ledger import Claim, ClaimState
from tests.fakes.classifier import POISON, UNREADABLE, grey
from tests.unit.worker.worker_world import JOB, WorkerWorld


def test_each_image_gets_its_own_answer(world: WorkerWorld) -> None:
    # Given
    images = [world.accept(f"{level}", grey(level)) for level in range(10)]

    # When
    world.work()

    # Then
    assert list(world.outcomes()) == [image.image_id for image in images]
    assert [world.presence(f"{level}") for level in range(10)] == pytest.approx(range(10))


def test_an_outcome_says_the_case_and_the_time_in_the_queue(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1))
    world.state.now += 7

    # When
    world.work()

    # Then
    outcome = world.outcomes()["a"]
    assert outcome.case_id == "case of a"
    assert outcome.queue_seconds == 7


def test_an_image_of_a_deleted_job_is_not_run(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1), job="deleted")
    world.accept("b", grey(2))
    del world.state.jobs["deleted"]

    # When
    world.work()

    # Then
    assert world.classifier.prepared == [grey(2)]
    assert world.presence("b") == pytest.approx(2)


def test_an_image_that_has_its_outcome_keeps_it_when_it_is_run_again(world: WorkerWorld) -> None:
    # Given: two workers have the same image in hand, as happens when one was only slow
    world.accept("a", grey(1))
    claim = world.claim()
    world.handler.handle(claim)
    world.accept("b", grey(2))

    # When
    world.store.images[image_key(JOB, "a", "0" * 64)] = grey(9)
    world.handler.handle(claim)
    world.work()

    # Then
    assert list(world.outcomes()) == ["a", "b"]
    assert world.presence("a") == pytest.approx(1)


def test_the_pixels_go_when_the_outcome_is_written_whatever_it_is(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1))
    world.accept("b", UNREADABLE)
    world.accept("c", POISON)

    # When
    world.work()

    # Then
    assert world.store.images == {}


def test_the_pixels_stay_where_the_outcome_may_be_lost(world: WorkerWorld) -> None:
    # Given
    world.ledger.lasting = False
    world.accept("a", grey(1))
    world.accept("b", UNREADABLE)

    # When
    world.work()

    # Then
    assert list(world.outcomes()) == ["a", "b"]
    assert len(world.store.images) == 2


def test_a_run_takes_as_many_windows_as_the_model_and_no_image_is_split(world: WorkerWorld) -> None:
    # Given: 4 windows fit a run
    counts = [3, 1, 2, 2, 1, 9, 1]
    for i, windows in enumerate(counts):
        world.accept(f"{i}", grey(i, windows))

    # When
    world.work()

    # Then
    assert world.classifier.runs == [2, 2, 1, 1, 1]
    assert [world.presence(f"{i}") for i in range(7)] == pytest.approx(range(7))


def test_unreadable_images_take_no_place_in_a_run(world: WorkerWorld) -> None:
    # Given
    for i in range(9):
        world.accept(f"bad {i}", UNREADABLE)
    for i in range(4):
        world.accept(f"{i}", grey(i))

    # When
    world.work()

    # Then
    assert world.classifier.runs == [4]
    assert len(world.outcomes()) == 13


def test_the_first_outcomes_are_written_while_the_last_images_are_decoded(
    world: WorkerWorld,
) -> None:
    # Given
    for i in range(5):
        world.accept(f"{i}", grey(i))
    first_written = threading.Event()
    prepare, write = world.classifier.prepare, world.ledger.write

    def slow(image: bytes, pixel_size_nm: float | None) -> PreparedImage:
        if image == grey(4):
            assert first_written.wait(30)
        return prepare(image, pixel_size_nm)

    def note(outcomes: list[tuple[ImageRef, Outcome]]) -> bool:
        lasting = write(outcomes)
        first_written.set()
        return lasting

    world.classifier.prepare = slow  # type: ignore[method-assign]
    world.ledger.write = note  # type: ignore[assignment]

    # When
    world.work()

    # Then
    assert [world.presence(f"{i}") for i in range(5)] == pytest.approx(range(5))


def test_micro_batches_of_several_threads_do_not_mix(world: WorkerWorld) -> None:
    # Given
    claims = []
    for start in range(0, 64, 8):
        for level in range(start, start + 8):
            world.accept(f"{level}", grey(level))
        claims.append(world.claim())

    # When
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(world.handler.handle, claims))

    # Then
    assert [world.presence(f"{level}") for level in range(64)] == pytest.approx(range(64))


def test_an_empty_micro_batch_is_no_work(world: WorkerWorld) -> None:
    # When
    world.handler.handle(Claim(ClaimState.EMPTY, 0.0))

    # Then
    assert world.classifier.runs == []
    assert world.outcomes() == {}
