"""What a caller of the service may be told. Errors know a reason, not a transport.

    DensaError
      InvalidRequest       other bytes or fields are needed; `field` names which
        UnreadableFile     a file on this machine cannot be read; nothing was sent
      ImageConflict        this image_id was already used for other bytes, or twice
      NotFound             no such job or model
      Overloaded           healthy and full; `retry_after` says when to come back
      Unavailable          not there or broken: nothing answers, or no worker is ready
      DeadlineExceeded     no answer within the deadline
      Cancelled            the job was cancelled before a worker began
      Forbidden            only an operator may do this
      ServiceFailure       a bug in the service, or a server that is none of ours

`reason` is UPPER_SNAKE_CASE, stable, and what programs should test for. The
message is for a person.
"""

from typing import ClassVar


class DensaError(Exception):
    """Base of everything this client raises about the service.

    Args:
        message: What is wrong, where, and what to do.
        reason: The service's reason; the class's own where there is none.
        field: Path of the offending field, empty where no field is to blame.
        retry_after: Seconds after which the service asks to be tried again.
    """

    default_reason: ClassVar[str] = "UNKNOWN"

    def __init__(
        self, message: str, *, reason: str = "", field: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.field = field
        self.retry_after = retry_after

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, reason={self.reason!r})"


class InvalidRequest(DensaError):
    """Expected: the request or the image has to be changed before it is sent again."""

    default_reason = "INVALID_REQUEST"


class UnreadableFile(InvalidRequest):
    """Expected: a file given by its path is not there or may not be read."""

    default_reason = "UNREADABLE_FILE"


class ImageConflict(DensaError):
    """Expected: one image_id stands for two images."""

    default_reason = "IMAGE_ID_CONFLICT"


class NotFound(DensaError):
    """Expected: the job has expired, or no worker serves the model."""

    default_reason = "NOT_FOUND"


class Overloaded(DensaError):
    """Expected: the service is healthy and full; come back in `retry_after` seconds."""

    default_reason = "OVERLOADED"


class Unavailable(DensaError):
    """Expected: nothing answers at the address, or a part behind it is down."""

    default_reason = "UNAVAILABLE"


class DeadlineExceeded(DensaError):
    """Expected: the answer did not come in time. The image may still be worked on."""

    default_reason = "DEADLINE_EXCEEDED"


class Cancelled(DensaError):
    """Expected: the micrograph's job was cancelled before a worker began with it."""

    default_reason = "CANCELLED"


class Forbidden(DensaError):
    """Expected: only whoever knows the gateway's admin token may do this."""

    default_reason = "FORBIDDEN"


class ServiceFailure(DensaError):
    """Unexpected: the service failed in a way that the caller cannot change."""

    default_reason = "INTERNAL"
