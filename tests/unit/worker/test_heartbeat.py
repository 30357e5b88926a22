"""The heartbeat renews what is in hand and publishes what a sweep finds lacking."""

import threading
from collections.abc import Sequence

import pytest

from services.common.errors import Unavailable
from services.common.messages import ImageRef
from services.common.sweeping import Swept
from services.worker.heartbeat import Heartbeat
from services.worker.leases import LeasesInHand
from tests.fakes.job_ledger import FakeJobLedger
from tests.fakes.jobs import MemoryJobs
from tests.fakes.wake_up_queue import FakeWakeUpQueue

IMAGE = ImageRef("j", "a")


class NotingLedger(FakeJobLedger):
    """Notes what is renewed."""

    def __init__(self) -> None:
        super().__init__(MemoryJobs())
        self.renewed: list[list[ImageRef]] = []
        self.often = threading.Event()

    def renew(self, images: Sequence[ImageRef]) -> None:
        """See JobLedger."""
        self.renewed.append(list(images))
        if len(self.renewed) >= 3:
            self.often.set()
        super().renew(images)


def _beat(ledger: NotingLedger, leases: LeasesInHand, queue: FakeWakeUpQueue) -> Heartbeat:
    return Heartbeat(ledger, leases, 0.001, lambda: Swept(2, 1, 0), queue)


def test_what_is_in_hand_is_renewed_and_nothing_is_asked_for_nothing() -> None:
    # Given
    ledger, leases = NotingLedger(), LeasesInHand()
    heartbeat = _beat(ledger, leases, FakeWakeUpQueue())

    # When
    heartbeat.renew()
    with leases.holding([IMAGE]):
        heartbeat.renew()

    # Then
    assert ledger.renewed == [[IMAGE]]


@pytest.mark.parametrize(("failures", "published"), [(0, 2), (1, 0)])
def test_the_wake_ups_that_a_sweep_finds_lacking_are_published_if_they_can(
    failures: int, published: int
) -> None:
    # Given
    queue = FakeWakeUpQueue()
    queue.failures = failures

    # When: the next sweep finds the same
    _beat(NotingLedger(), LeasesInHand(), queue).sweep()

    # Then
    assert queue.published == published


def test_it_beats_on_while_redis_is_away() -> None:
    # Given
    ledger, leases = NotingLedger(), LeasesInHand()
    ledger.state.down = True

    def away() -> Swept:
        raise Unavailable("Redis does not sweep.")

    heartbeat = Heartbeat(ledger, leases, 0.001, away, FakeWakeUpQueue())
    with leases.holding([IMAGE]):
        # When
        heartbeat.start()
        beaten = ledger.often.wait(30)
        heartbeat.stop()

    # Then
    assert beaten
    assert ledger.renewed[:3] == [[IMAGE]] * 3
