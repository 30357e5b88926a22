"""What crosses the queue and the result stream, and how it is written.

A task names images and carries none: the claim check. What the worker needs to
know about each stands in its record in Redis, so that a lost message can be
written again from the records.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from services.common.classification import Classification
from services.common.errors import InternalError

CLASSIFY_TASK = "densa.classify"
"""Name of the one Celery task. The gateway sends it by this name."""


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One image of one job."""

    job: str
    image_id: str


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """What is known of an accepted image besides its pixels; kept in Redis."""

    digest: str
    """Hex SHA-256 of the bytes."""
    accepted_at: float
    """Seconds since the epoch, by the gateway's clock."""
    case_id: str = ""
    pixel_size_nm: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one image: a classification or an error record, never both."""

    image_id: str
    case_id: str = ""
    classification: Classification | None = None
    error: dict[str, str] | None = None
    """As services.common.errors.DensaError.to_record wrote it."""
    queue_seconds: float = 0.0


_BATCH: TypeAdapter[list[tuple[str, str]]] = TypeAdapter(list[tuple[str, str]])
_RECORD: TypeAdapter[ImageRecord] = TypeAdapter(ImageRecord)
_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


def encode_batch(images: list[ImageRef]) -> list[list[str]]:
    """The argument of the Celery task: [job, image_id] for each image."""
    return [[image.job, image.image_id] for image in images]


def decode_batch(argument: object) -> list[ImageRef]:
    """The inverse of `encode_batch`.

    Raises:
        InternalError: the argument is no micro-batch.
    """
    try:
        return [ImageRef(job, image_id) for job, image_id in _BATCH.validate_python(argument)]
    except ValidationError as error:
        raise InternalError(f"A queue message is no micro-batch: {error}") from error


def encode_record(record: ImageRecord) -> str:
    """The record as JSON, digest first: the registration script compares digests by prefix."""
    return record.digest + _RECORD.dump_json(record).decode()


def decode_record(text: bytes) -> ImageRecord:
    """The inverse of `encode_record`.

    Raises:
        InternalError: the text is no record.
    """
    try:
        return _RECORD.validate_json(text[DIGEST_LENGTH:])
    except ValidationError as error:
        raise InternalError(f"An image record cannot be read: {error}") from error


DIGEST_LENGTH = 64
"""Characters of a hex SHA-256 digest."""


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
