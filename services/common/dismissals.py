"""Outcomes of images that never reach the model, whoever writes them."""

from services.common.errors import Cancelled, DensaError
from services.common.messages import ImageRecord, Outcome


def waited_seconds(record: ImageRecord, now: float) -> float:
    """How long an image has waited, in seconds; both times by Redis's clock."""
    return max(0.0, now - record.accepted_at)


def dismissed(image_id: str, record: ImageRecord, error: DensaError, now: float) -> Outcome:
    """The outcome of an image that is not run, and why."""
    return Outcome(
        image_id,
        record.details.case_id,
        error=error.to_record(),
        queue_seconds=waited_seconds(record, now),
        traceparent=record.details.traceparent or None,
    )


def cancelled(waited: float) -> Cancelled:
    """Why an image of a cancelled job is not run."""
    return Cancelled(f"The job was cancelled; this micrograph had waited {waited:.1f} s.")
