"""Which claimed images are run, and what is said of those that are not."""

from services.common.dismissals import cancelled, dismissed, waited_seconds
from services.common.errors import DensaError, Expired, InternalError
from services.common.messages import ImageRecord, ImageRef, Outcome, decode_record
from services.worker.job_ledger import Claim, Claimed, Verdict

Dismissed = tuple[ImageRef, ImageRecord | None, Outcome]
"""An image, its record if it can be read, and its outcome."""


def sort_out(claim: Claim) -> tuple[dict[ImageRef, ImageRecord], list[Dismissed]]:
    """The records of the images to run, and the outcomes of those that never reach the model."""
    run: dict[ImageRef, ImageRecord] = {}
    others: list[Dismissed] = []
    for claimed in claim.images:
        image = claimed.image
        try:
            record = decode_record(claimed.record)
        except InternalError as error:
            # A record is written by one script and read by nobody else's hands: a bug.
            others.append((image, None, Outcome(image.image_id, error=error.to_record())))
            continue
        reason = _why_not(claimed, waited_seconds(record, claim.claimed_at))
        if reason is None:
            run[image] = record
        else:
            outcome = dismissed(image.image_id, record, reason, claim.claimed_at)
            others.append((image, record, outcome))
    return run, others


def _why_not(claimed: Claimed, waited: float) -> DensaError | None:
    """Why an image does not run; None where it does."""
    match claimed.verdict:
        case Verdict.CANCELLED:
            return cancelled(waited)
        case Verdict.EXPIRED:
            return Expired(
                f"No worker was free before the deadline: this micrograph waited {waited:.1f} s. "
                "Allow more time, choose a more urgent lane, or add workers."
            )
        case Verdict.CRASHED:
            return InternalError(
                f"{claimed.attempts} workers ended while they had this micrograph in hand, the "
                "last ones with nothing else. It is not tried again. Keep the file and the "
                "workers' logs for whoever looks into it.",
                reason="WORKER_CRASHED",
            )
        case Verdict.RUN:
            return None
