"""One result as one flat row: the columns of every output format."""

from collections.abc import Mapping
from dataclasses import asdict

from services.client.results import Assessment, Classification, Location, MicrographResult

Value = str | int | float | None
Row = Mapping[str, Value]

_OUTPUTS = ("presence", *(location.value for location in Location))

COLUMNS: dict[str, type] = {
    "path": str,
    "image_id": str,
    "case_id": str,
    **{
        column: kind for name in _OUTPUTS for column, kind in ((name, float), (f"{name}_call", str))
    },
    "findings": str,
    "finding_messages": str,
    "format": str,
    "width": int,
    "height": int,
    "bit_depth": int,
    "pixel_size_nm": float,
    "pixel_size_source": str,
    "windows": int,
    "model_name": str,
    "model_version": str,
    "model_digest": str,
    "queue_s": float,
    "decode_s": float,
    "inference_s": float,
    "error_reason": str,
    "error_message": str,
    "notice": str,
}
"""Every column and its type, in order. Without a value: empty in CSV, null elsewhere."""


def to_row(result: MicrographResult) -> Row:
    """A result as a row with every column."""
    row: dict[str, Value] = dict.fromkeys(COLUMNS)
    row.update(path=result.path, image_id=result.image_id, case_id=result.case_id)
    if result.error is not None:
        row.update(error_reason=result.error.reason, error_message=result.error.message)
    if result.classification is not None:
        row.update(_answer(result.classification))
    return {
        column: _text(value) if isinstance(value, str) else value for column, value in row.items()
    }


def _text(value: str) -> str:
    """A name on disk may hold bytes that are no text; every format wants text."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _answer(answer: Classification) -> dict[str, Value]:
    read = asdict(answer.input)
    return {
        **_assessment("presence", answer.presence),
        **{
            column: value
            for location in Location
            if location in answer.locations
            for column, value in _assessment(location, answer.locations[location]).items()
        },
        "findings": " ".join(finding.code for finding in answer.findings),
        "finding_messages": " ".join(finding.message for finding in answer.findings),
        **{column: read[column] for column in read if column in COLUMNS},
        "model_name": answer.model.name,
        "model_version": answer.model.version,
        "model_digest": answer.model.digest,
        "queue_s": answer.timing.queue,
        "decode_s": answer.timing.decode,
        "inference_s": answer.timing.inference,
        "notice": answer.notice,
    }


def _assessment(name: str, assessment: Assessment) -> dict[str, Value]:
    return {str(name): round(assessment.probability, 6), f"{name}_call": assessment.call}
