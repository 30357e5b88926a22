"""What is claimed and does not run is told why, and never reaches the model."""

import pytest

from services.common.messages import ImageRef
from services.worker.job_ledger import Claim, Claimed, ClaimState, Verdict
from services.worker.verdicts import sort_out
from tests.fakes.classifier import grey
from tests.unit.worker.worker_world import JOB, WorkerWorld

RECORD = b'00ff 10 1000.000000 0.000000 {"case_id":"c"}'


def _claim(*images: Claimed) -> Claim:
    return Claim(ClaimState.TAKEN, 1007.25, images)


@pytest.mark.parametrize(
    ("verdict", "reason", "said"),
    [
        (Verdict.CANCELLED, "CANCELLED", "waited 7.2 s"),
        (Verdict.EXPIRED, "DEADLINE_EXCEEDED", "waited 7.2 s"),
        (Verdict.CRASHED, "WORKER_CRASHED", "3 workers ended"),
    ],
)
def test_what_does_not_run_is_told_why(verdict: Verdict, reason: str, said: str) -> None:
    # When
    run, dismissed = sort_out(_claim(Claimed(ImageRef("j", "a"), RECORD, verdict, 3)))

    # Then
    ((_, _, outcome),) = dismissed
    assert run == {}
    assert outcome.error is not None
    assert outcome.error["reason"] == reason
    assert said in outcome.error["message"]
    assert (outcome.case_id, outcome.queue_seconds) == ("c", 7.25)


def test_a_record_that_is_garbage_fails_alone() -> None:
    # When
    run, dismissed = sort_out(
        _claim(
            Claimed(ImageRef("j", "bad"), b"garbage \xff"), Claimed(ImageRef("j", "good"), RECORD)
        )
    )

    # Then
    assert list(run) == [ImageRef("j", "good")]
    ((image, record, outcome),) = dismissed
    assert (image.image_id, record) == ("bad", None)
    assert outcome.error is not None
    assert outcome.error["reason"] == "INTERNAL"


def test_what_is_dismissed_never_reaches_the_model_and_its_pixels_go(world: WorkerWorld) -> None:
    # Given
    world.accept("a", grey(1))
    world.accept("b", grey(2), job="other")
    world.state.jobs[JOB].cancelled = True

    # When
    world.work()

    # Then
    assert world.classifier.prepared == [grey(2)]
    assert world.reason("a") == "CANCELLED"
    assert world.store.images == {}
