"""What can go wrong, named by the event. Errors know a reason, not a transport.

    DensaError
      InvalidRequest             the caller can fix the request; names the field
        InvalidImage             the bytes sent as a micrograph cannot be classified
      ImageConflict              this image_id was already used for other bytes
      NotFound                   no such job or model, or it has expired
      Overloaded                 healthy but full; says when to come back
      Unavailable                broken or not there: store, queue, workers
      Expired                    the caller's time is up
      Cancelled                  somebody cancelled the job
      JobCancelled               the job takes no more images
      JobClosed                  the job, or the image's case, takes no more images
      Forbidden                  the caller may not do this
      BundleError                a model bundle that must not serve
      InternalError              a bug of ours

An error crosses a process as (reason, message, field), never as an object:
`to_record` and `from_record`.
"""

from typing import ClassVar


class DensaError(Exception):
    """Base of all errors that a caller may be told about.

    `reason` is UPPER_SNAKE_CASE, stable, and what programs should test for;
    the message is for a person: what is wrong, where, what to do.
    """

    reason: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, reason: str | None = None, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if reason is not None:
            self.reason = reason  # type: ignore[misc]  # one class, many reasons: see InvalidImage

    def to_record(self) -> dict[str, str]:
        """The error as it is written to a queue or a result."""
        return {
            "kind": type(self).__name__,
            "reason": self.reason,
            "message": self.message,
            "field": self.field,
        }


class InvalidRequest(DensaError):
    """Expected: a field of the request is missing or out of range. `field` is its path."""

    reason = "INVALID_REQUEST"


class InvalidImage(InvalidRequest):
    """Expected: the bytes are no readable micrograph.

    Reasons: EMPTY_IMAGE, IMAGE_TOO_LARGE (bytes), UNSUPPORTED_FORMAT,
    TRUNCATED_IMAGE, CORRUPT_IMAGE, IMAGE_DIMENSIONS_TOO_LARGE (pixels),
    IMAGE_DIMENSIONS_TOO_SMALL, UNSUPPORTED_ENCODING, FIELD_TOO_LARGE; and of the process
    that reads it: DECODE_CRASHED, DECODE_TIMEOUT, DECODE_MEMORY.
    """

    reason = "CORRUPT_IMAGE"

    def __init__(
        self, message: str, *, reason: str | None = None, field: str = "micrograph.image"
    ) -> None:
        super().__init__(message, reason=reason, field=field)


class ImageConflict(DensaError):
    """Expected: the job already holds an image of this image_id with other bytes."""

    reason = "IMAGE_ID_CONFLICT"


class NotFound(DensaError):
    """Expected: what the request names was never there, was deleted, or has expired.

    Reasons: JOB_NOT_FOUND, MODEL_NOT_FOUND.
    """

    reason = "JOB_NOT_FOUND"


class Overloaded(DensaError):
    """Expected: the service is healthy and full. `retry_after` is in seconds.

    Reasons: OVERLOADED, QUEUE_FULL, SUBMITTER_FULL, QUEUE_MEMORY_FULL, STORE_FULL.
    """

    reason = "OVERLOADED"

    def __init__(
        self, message: str, *, reason: str | None = None, field: str = "", retry_after: float = 1.0
    ) -> None:
        super().__init__(message, reason=reason, field=field)
        self.retry_after = retry_after


class Unavailable(DensaError):
    """Expected: a part the service needs is down or not ready; retry later.

    Reasons: QUEUE_UNAVAILABLE, STORE_UNAVAILABLE, DECODER_UNAVAILABLE, NO_READY_WORKER,
    WORKER_SILENT, ACTIVATION_INTERRUPTED, SHUTTING_DOWN.
    """

    reason = "QUEUE_UNAVAILABLE"


class Expired(DensaError):
    """Expected: the caller's time is up. Reasons: DEADLINE_EXCEEDED, STREAM_IDLE."""

    reason = "DEADLINE_EXCEEDED"


class Cancelled(DensaError):
    """Expected: the job was cancelled before a worker took this image."""

    reason = "CANCELLED"


class JobCancelled(DensaError):
    """Expected: an image was sent into a job that had been cancelled."""

    reason = "JOB_CANCELLED"


class JobClosed(DensaError):
    """Expected: an image came too late. Reasons: JOB_CLOSED, CASE_CLOSED."""

    reason = "JOB_CLOSED"


class Forbidden(DensaError):
    """Expected: only an operator may do this. Reasons: ADMIN_DISABLED, ADMIN_TOKEN_WRONG."""

    reason = "ADMIN_TOKEN_WRONG"


class BundleError(DensaError):
    """Expected by operators: a model bundle that must not serve.

    Reasons: BUNDLE_NOT_FOUND, BUNDLE_INVALID, DIGEST_MISMATCH,
    PROVIDER_UNAVAILABLE, GOLDEN_MISMATCH.
    """

    reason = "BUNDLE_INVALID"


class InternalError(DensaError):
    """Unexpected: a bug of ours. The log has the trace. Reasons: INTERNAL, WORKER_CRASHED."""

    reason = "INTERNAL"


KINDS: dict[str, type[DensaError]] = {
    kind.__name__: kind
    for kind in (
        InvalidRequest,
        InvalidImage,
        ImageConflict,
        NotFound,
        Overloaded,
        Unavailable,
        Expired,
        Cancelled,
        JobCancelled,
        JobClosed,
        Forbidden,
        BundleError,
        InternalError,
    )
}


def from_record(record: dict[str, str]) -> DensaError:
    """The error that `to_record` wrote, perhaps in another process of another version.

    A kind this version does not know becomes an InternalError with the same
    reason and message: nothing is lost, and it is not mistaken for another.
    """
    kind = KINDS.get(record.get("kind", ""), InternalError)
    return kind(
        record.get("message", ""), reason=record.get("reason"), field=record.get("field", "")
    )
