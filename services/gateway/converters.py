"""Our values as messages of the contract."""

import base64
import math
from datetime import timedelta

from densa.v1 import classification_pb2 as pb
from densa.v1 import classification_service_pb2 as service_pb
from google.protobuf.duration_pb2 import Duration

from services.common.classification import (
    Assessment,
    Call,
    Classification,
    HeatMap,
    InputSummary,
    Location,
    ModelIdentity,
    PixelSizeSource,
)
from services.common.errors import from_record
from services.common.messages import Outcome
from services.gateway.status import to_status

CALLS = {
    Call.NEGATIVE: pb.CALL_NEGATIVE,
    Call.POSITIVE: pb.CALL_POSITIVE,
    Call.INDETERMINATE: pb.CALL_INDETERMINATE,
}
LOCATIONS = {
    Location.MESANGIAL: pb.LOCATION_MESANGIAL,
    Location.SUBEPITHELIAL: pb.LOCATION_SUBEPITHELIAL,
    Location.INTRAMEMBRANOUS: pb.LOCATION_INTRAMEMBRANOUS,
    Location.SUBENDOTHELIAL: pb.LOCATION_SUBENDOTHELIAL,
}
SOURCES = {
    PixelSizeSource.REQUEST: pb.PIXEL_SIZE_SOURCE_REQUEST,
    PixelSizeSource.FILE: pb.PIXEL_SIZE_SOURCE_FILE,
    PixelSizeSource.ASSUMED: pb.PIXEL_SIZE_SOURCE_ASSUMED,
}


def to_result(outcome: Outcome) -> service_pb.MicrographResult:
    """The outcome as streams and watches tell it."""
    result = service_pb.MicrographResult(image_id=outcome.image_id, case_id=outcome.case_id)
    if outcome.classification is not None:
        result.classification.CopyFrom(to_classification(outcome))
    else:
        result.error.CopyFrom(to_status(from_record(outcome.error or {})))
    return result


def to_classification(outcome: Outcome) -> pb.Classification:
    """The classification of an outcome. Raises the outcome's error where it has none."""
    answer = outcome.classification
    if answer is None:
        raise from_record(outcome.error or {})
    return pb.Classification(
        presence=_assessment(answer.presence),
        locations=[
            pb.LocationAssessment(
                location=LOCATIONS[location], assessment=_assessment(answer.locations[location])
            )
            for location in Location
        ],
        findings=[
            pb.Finding(code=_finding_code(finding.code), message=finding.message)
            for finding in answer.findings
        ],
        input=_input(answer.input),
        model=to_identity(answer.model),
        timing=_timing(answer, outcome.queue_seconds),
        notice=answer.notice,
        heat_maps=[
            _heat_map(one)
            for one in answer.heat_maps or ()
            if f"OUTPUT_{one.output.upper()}" in pb.Output.keys()  # noqa: SIM118  # not a dict
        ],
    )


def to_identity(model: ModelIdentity) -> pb.ModelIdentity:
    """Which model."""
    return pb.ModelIdentity(name=model.name, version=model.version, digest=model.digest)


def _finding_code(code: str) -> str:
    """Unspecified where a worker of the next version has a kind of its own: the text tells."""
    name = f"FINDING_CODE_{code}"
    known = pb.FindingCode.DESCRIPTOR.values_by_name
    return name if name in known else "FINDING_CODE_UNSPECIFIED"


def _heat_map(one: HeatMap) -> pb.HeatMap:
    return pb.HeatMap(
        output=f"OUTPUT_{one.output.upper()}",
        rows=one.rows,
        columns=one.columns,
        values=base64.b64decode(one.values),
        lowest=one.lowest,
        highest=one.highest,
    )


def _assessment(assessment: Assessment) -> pb.Assessment:
    return pb.Assessment(probability=assessment.probability, call=CALLS[assessment.call])


def _input(summary: InputSummary) -> pb.InputSummary:
    return pb.InputSummary(
        format=summary.format,
        width=summary.width,
        height=summary.height,
        analysed_height=summary.analysed_height,
        bit_depth=summary.bit_depth,
        color=summary.color,
        pages=summary.pages,
        pixel_size_nm=summary.pixel_size_nm,
        pixel_size_source=SOURCES[summary.pixel_size_source],
        windows=summary.windows,
    )


def _timing(answer: Classification, queue_seconds: float) -> pb.Timing:
    return pb.Timing(
        queue_duration=_duration(queue_seconds),
        decode_duration=_duration(answer.decode_seconds),
        inference_duration=_duration(answer.inference_seconds),
    )


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds if math.isfinite(seconds) else 0.0))
    return duration
