"""What crosses Redis: wake-ups, records of images, outcomes; and how each is written.

Two versions of Densa meet here while one replaces the other. Fields are added, with a
default, and never renamed or taken away; unknown ones are ignored. docs/operations/upgrade.md
states the rule, tests/data/messages holds what earlier versions wrote.

A Celery message carries neither pixels nor ids. It says that there is work; what
work, stands in Redis, so that a message that is lost loses nothing.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from services.common.case_result import CaseResult
from services.common.classification import Classification
from services.common.errors import InternalError

CLASSIFY_TASK = "densa.classify"
"""Name of the one Celery task. It is sent by this name."""

WAKE_UP = {"wake_up": 1}
"""The argument of the task: its kind and version."""


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One image of one job."""

    job: str
    image_id: str

    @property
    def member(self) -> str:
        """Its name in lanes and leases; a job's name has 32 characters and no bar."""
        return f"{self.job}|{self.image_id}"


@dataclass(frozen=True, slots=True)
class ImageDetails:
    """What a client said of an image besides its pixels."""

    registration: str = ""
    """Random: tells a registration that is sent again from another one of the same image."""
    case_id: str = ""
    pixel_size_nm: float | None = None
    traceparent: str = ""
    """The trace it is part of, as W3C writes it; empty where traces are off."""
    heat_maps: tuple[str, ...] = ()
    """Outputs for which heat maps are wanted."""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """What is known of an accepted image besides its pixels; kept in Redis."""

    digest: str
    """Hex SHA-256 of the bytes."""
    size: int
    """Bytes of the file."""
    accepted_at: float
    """Seconds since the epoch, by Redis's clock."""
    deadline_at: float
    """When a worker must have begun, by the same clock; 0 where there is no such time."""
    details: ImageDetails


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one image: a classification or an error record, never both.

    Or, with an empty image_id and neither, the result of a case.
    """

    image_id: str
    case_id: str = ""
    classification: Classification | None = None
    error: dict[str, str] | None = None
    """As services.common.errors.DensaError.to_record wrote it."""
    queue_seconds: float = 0.0
    traceparent: str | None = None
    """Of the image's record; None where it is in no trace."""
    case: CaseResult | None = None


_DETAILS: TypeAdapter[ImageDetails] = TypeAdapter(ImageDetails)
_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


def check_wake_up(argument: object) -> None:
    """Raises InternalError where the argument of a task is no wake-up of this version.

    Fields that a later version adds are none of this one's business.
    """
    if not isinstance(argument, dict) or not WAKE_UP.items() <= argument.items():
        raise InternalError(
            f"A queue message is no wake-up of this version: {argument!r:.80}. It was dropped; "
            "what waits is found all the same."
        )


def encode_details(details: ImageDetails) -> str:
    """The details as JSON."""
    return _DETAILS.dump_json(details, exclude_defaults=True).decode()


def decode_record(text: bytes) -> ImageRecord:
    """A record as lua/register.lua wrote it: digest, bytes, two times, details as JSON.

    Raises:
        InternalError: the text is no record.
    """
    try:
        digest, size, accepted_at, deadline_at, details = text.split(b" ", 4)
        return ImageRecord(
            digest.decode("ascii"),
            int(size),
            float(accepted_at),
            float(deadline_at),
            _DETAILS.validate_json(details),
        )
    except (ValueError, ValidationError) as error:
        raise InternalError(f"An image record cannot be read: {error}") from error


def encode_outcome(outcome: Outcome) -> bytes:
    """The outcome as JSON, as it stands in the job's result stream."""
    return _OUTCOME.dump_json(outcome, exclude_none=True)


def decode_outcome(text: bytes) -> Outcome:
    """The inverse of `encode_outcome`.

    Raises:
        InternalError: the text is no outcome.
    """
    try:
        return _OUTCOME.validate_json(text)
    except ValidationError as error:
        raise InternalError(f"A result cannot be read: {error}") from error
