"""A thread that was woken works until nothing waits, and gives back what it cannot do."""

import threading

import pytest

from services.common.errors import Unavailable
from services.common.messages import ImageRef
from services.worker import work_loop as module
from services.worker.job_ledger import Claim, ClaimState
from services.worker.leases import LeasesInHand
from services.worker.rate import Rate
from services.worker.work_loop import WorkLoop
from tests.fakes.classifier import grey
from tests.unit.worker.worker_world import WorkerWorld


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)


def _loop(world: WorkerWorld, leases: LeasesInHand | None = None) -> WorkLoop:
    return WorkLoop(world.ledger, world.handler, leases or LeasesInHand(), Rate())


def test_it_works_until_nothing_waits(world: WorkerWorld) -> None:
    # Given: more than a micro-batch
    world.ledger._batch_size = 3
    for level in range(10):
        world.accept(f"{level}", grey(level))

    # When
    _loop(world).run()

    # Then
    assert len(world.outcomes()) == 10


def test_what_is_in_hand_is_known_while_it_is_and_no_longer(world: WorkerWorld) -> None:
    # Given
    leases = LeasesInHand()
    image = world.accept("a", grey(1))
    seen: list[list[ImageRef]] = []
    handle = world.handler.handle

    def noting(claim: Claim) -> None:
        seen.append(leases.images)
        handle(claim)

    world.handler.handle = noting  # type: ignore[method-assign]

    # When
    _loop(world, leases).run()

    # Then
    assert seen == [[image]]
    assert leases.images == []


def test_what_cannot_be_done_while_the_store_is_away_is_given_back_and_done_later(
    world: WorkerWorld,
) -> None:
    # Given: a store that comes back
    world.accept("a", grey(1))
    world.store.down = True
    release = world.ledger.release

    def back(images: list[ImageRef]) -> None:
        release(images)
        world.store.down = False

    world.ledger.release = back  # type: ignore[assignment]

    # When
    _loop(world).run()

    # Then
    assert world.presence("a") == pytest.approx(1)


def test_a_redis_that_is_away_is_waited_for(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1))
    claim, failures = world.ledger.claim, iter([True, True, False, False])

    def flaky(*, exclusive: bool) -> Claim:
        if next(failures):
            raise Unavailable("The queue cannot be reached.")
        return claim(exclusive=exclusive)

    world.ledger.claim = flaky  # type: ignore[method-assign]

    # When
    _loop(world).run()

    # Then
    assert world.presence("a") == pytest.approx(1)


def test_a_bug_in_a_micro_batch_keeps_its_leases_for_the_sweep_and_the_next_is_done(
    world: WorkerWorld,
) -> None:
    # Given
    world.ledger._batch_size = 1
    broken = world.accept("a", grey(1))
    world.accept("b", grey(2))
    handle = world.handler.handle

    def buggy(claim: Claim) -> None:
        if claim.images[0].image == broken:
            raise ValueError("a bug")
        handle(claim)

    world.handler.handle = buggy  # type: ignore[method-assign]

    # When
    _loop(world).run()

    # Then
    assert list(world.outcomes()) == ["b"]
    assert world.state.leases == {broken}


def test_a_loop_that_was_stopped_claims_nothing(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1))
    loop = _loop(world)

    # When
    loop.stop()
    loop.run()

    # Then
    assert world.outcomes() == {}


def test_a_suspect_runs_while_nothing_else_is_in_hand(world: WorkerWorld) -> None:
    # Given: three threads; the first claims say that a suspect is next
    world.ledger._batch_size = 1
    for level in range(12):
        world.accept(f"{level}", grey(level))
    claim, handle = world.ledger.claim, world.handler.handle
    lock, in_hand = threading.Lock(), 0
    together: dict[bool, int] = {}
    exclusive_now = threading.local()
    claims = iter(range(1000))

    def suspicious(*, exclusive: bool) -> Claim:
        exclusive_now.is_so = exclusive
        if not exclusive and next(claims) % 3 == 0 and world.state.waiting:
            return Claim(ClaimState.SUSPECT, 0.0)
        return claim(exclusive=exclusive)

    def counting(one: Claim) -> None:
        nonlocal in_hand
        with lock:
            in_hand += 1
            alone = exclusive_now.is_so
            together[alone] = max(together.get(alone, 0), in_hand)
        handle(one)
        with lock:
            in_hand -= 1

    world.ledger.claim = suspicious  # type: ignore[method-assign]
    world.handler.handle = counting  # type: ignore[method-assign, assignment]
    loop = _loop(world)

    # When
    threads = [threading.Thread(target=loop.run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    # Then
    assert len(world.outcomes()) == 12
    assert together[True] == 1
