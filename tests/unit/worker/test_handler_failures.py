"""What cannot be classified fails alone; what cannot be written is not lost."""

import pytest

from services.common.errors import Unavailable
from tests.fakes.classifier import CRASHING, POISON, UNREADABLE, grey
from tests.unit.worker.worker_world import WorkerWorld


@pytest.mark.parametrize(("bad", "reason"), [(UNREADABLE, "CORRUPT_IMAGE"), (CRASHING, "INTERNAL")])
def test_an_image_that_cannot_be_read_fails_alone_and_says_why(
    world: WorkerWorld, bad: bytes, reason: str
) -> None:
    # Given
    world.accept("a", grey(1))
    world.accept("b", bad)
    world.accept("c", grey(3))

    # When
    world.work()

    # Then
    assert world.reason("b") == reason
    assert [world.presence("a"), world.presence("c")] == pytest.approx([1, 3])
    assert world.classifier.runs == [2]


def test_an_image_that_breaks_the_model_run_fails_alone(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1))
    world.accept("b", POISON)
    world.accept("c", grey(3))

    # When
    world.work()

    # Then: all together, then each alone
    assert world.reason("b") == "INTERNAL"
    assert [world.presence("a"), world.presence("c")] == pytest.approx([1, 3])
    assert world.classifier.runs == [3, 1, 1, 1]


def test_an_error_does_not_tell_what_broke_inside(world: WorkerWorld) -> None:
    # Given
    world.accept("a", CRASHING)

    # When
    world.work()

    # Then
    error = world.outcomes()["a"].error
    assert error is not None
    assert "a bug in a decoder" not in error["message"]


def test_an_image_whose_pixels_are_gone_fails_alone(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1))
    world.accept("b", grey(2))
    world.store.images.popitem()

    # When
    world.work()

    # Then
    assert world.reason("b") == "INTERNAL"
    assert world.presence("a") == pytest.approx(1)


def test_the_pixels_stay_while_the_outcome_cannot_be_written(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1))

    def away(_: object) -> None:
        raise Unavailable("The queue cannot be reached.")

    world.ledger.write = away  # type: ignore[assignment]

    # When
    with pytest.raises(Unavailable):
        world.work()

    # Then
    assert len(world.store.images) == 1


def test_a_store_that_is_away_writes_nothing_so_that_the_batch_can_run_again(
    world: WorkerWorld,
) -> None:
    # Given
    world.accept("a", grey(1))
    world.accept("b", grey(2))
    world.store.down = True

    # When
    claim = world.claim()
    with pytest.raises(Unavailable):
        world.handler.handle(claim)

    # Then
    assert world.outcomes() == {}

    # When
    world.store.down = False
    world.handler.handle(claim)

    # Then
    assert list(world.outcomes()) == ["a", "b"]
