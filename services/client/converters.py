"""Protobuf messages to this client's types, and back: the only file that reads or builds them."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Protocol

from densa.v1 import (
    classification_pb2,
    classification_service_pb2,
    model_service_pb2,
)

from services.client.images import Image
from services.client.options import Lane
from services.client.results import (
    Assessment,
    Classification,
    Finding,
    HeatMap,
    InputSummary,
    Location,
    MicrographResult,
    Model,
    ModelIdentity,
    ModelOutput,
    ModelWorker,
    Timing,
)
from services.client.status import error_from_status


def to_stream_request(
    image: Image, data: bytes
) -> classification_service_pb2.ClassifyMicrographsRequest:
    """An image and its bytes as the message of a stream that carries them."""
    return classification_service_pb2.ClassifyMicrographsRequest(
        micrograph=_micrograph(image, data)
    )


def to_unary_request(
    image: Image, data: bytes, lane: Lane
) -> classification_service_pb2.ClassifyMicrographRequest:
    """An image and its bytes as the message of a call for it alone."""
    return classification_service_pb2.ClassifyMicrographRequest(
        micrograph=_micrograph(image, data), lane=f"LANE_{lane}"
    )


def _micrograph(image: Image, data: bytes) -> dict[str, Any]:
    """The fields of a Micrograph: a message within another would be copied, pixels and all."""
    return {
        "image_id": image.image_id,
        "image": data,
        "case_id": image.case_id,
        "pixel_size_nm": image.pixel_size_nm,
        "magnification": image.magnification,
        "labels": image.labels,
        "heat_maps": [f"OUTPUT_{output.upper()}" for output in image.heat_maps],
    }


def to_result(message: classification_service_pb2.MicrographResult) -> MicrographResult:
    """The outcome of one micrograph of a stream."""
    if message.WhichOneof("outcome") == "classification":
        return MicrographResult(
            message.image_id, message.case_id, to_classification(message.classification)
        )
    return MicrographResult(
        message.image_id, message.case_id, error=error_from_status(message.error)
    )


def to_rejection(message: classification_service_pb2.Rejected) -> MicrographResult:
    """The outcome of a micrograph that was not taken."""
    return MicrographResult(message.image_id, "", error=error_from_status(message.error))


def to_classification(message: classification_pb2.Classification) -> Classification:
    """One answer."""
    return Classification(
        presence=_assessment(message.presence),
        locations=_locations(message),
        findings=tuple(
            Finding(
                name_of(classification_pb2.FindingCode, finding.code, "FINDING_CODE_"),
                finding.message,
            )
            for finding in message.findings
        ),
        input=_input(message.input),
        model=to_identity(message.model),
        timing=Timing(
            queue=message.timing.queue_duration.ToTimedelta().total_seconds(),
            decode=message.timing.decode_duration.ToTimedelta().total_seconds(),
            inference=message.timing.inference_duration.ToTimedelta().total_seconds(),
        ),
        notice=message.notice,
        heat_maps=tuple(
            HeatMap(
                name_of(classification_pb2.Output, one.output, "OUTPUT_").lower(),
                one.rows,
                one.columns,
                one.values,
                one.lowest,
                one.highest,
            )
            for one in message.heat_maps
        ),
    )


def to_model(message: model_service_pb2.Model) -> Model:
    """One model that serves."""
    return Model(
        identity=to_identity(message.identity),
        description=message.description,
        created=message.create_time.ToDatetime(tzinfo=UTC),
        input_size=message.input.size,
        pixel_size_nm=message.input.pixel_size_nm,
        preprocessing=message.input.preprocessing,
        max_image_bytes=message.input.max_image_bytes,
        formats=tuple(message.input.formats),
        outputs=tuple(_output(output) for output in message.outputs),
        calibration_method=message.calibration_method,
        workers=tuple(
            ModelWorker(worker.name, worker.provider, worker.last_seen_time.ToDatetime(tzinfo=UTC))
            for worker in message.workers
        ),
        notice=message.notice,
    )


def _output(message: model_service_pb2.ModelOutput) -> ModelOutput:
    auc = message.metrics.auc if message.HasField("metrics") else None
    zone = (message.abstain.low, message.abstain.high) if message.HasField("abstain") else None
    return ModelOutput(message.label, message.threshold, auc, zone)


def _locations(message: classification_pb2.Classification) -> Mapping[str, Assessment]:
    known = {location.value: location for location in Location}
    named = {
        name_of(classification_pb2.Location, entry.location, "LOCATION_").lower(): _assessment(
            entry.assessment
        )
        for entry in message.locations
    }
    return {known.get(name, name): assessment for name, assessment in named.items()}


def _assessment(message: classification_pb2.Assessment) -> Assessment:
    call = name_of(classification_pb2.Call, message.call, "CALL_").lower()
    return Assessment(message.probability, call)


def to_identity(message: classification_pb2.ModelIdentity) -> ModelIdentity:
    """Which model."""
    return ModelIdentity(message.name, message.version, message.digest)


def _input(message: classification_pb2.InputSummary) -> InputSummary:
    source = name_of(
        classification_pb2.PixelSizeSource, message.pixel_size_source, "PIXEL_SIZE_SOURCE_"
    )
    return InputSummary(
        format=message.format,
        width=message.width,
        height=message.height,
        analysed_height=message.analysed_height,
        bit_depth=message.bit_depth,
        color=message.color,
        pages=message.pages,
        pixel_size_nm=message.pixel_size_nm,
        pixel_size_source=source.lower(),
        windows=message.windows,
    )


class _Enum(Protocol):
    """What protobuf's enum wrappers have in common."""

    def Name(self, number: int) -> str: ...  # noqa: N802  # protobuf's spelling


def name_of(enum: _Enum, number: int, prefix: str) -> str:
    """A value's name without its prefix; the number of one that is newer than these stubs."""
    try:
        return enum.Name(number).removeprefix(prefix)
    except ValueError:
        return str(number)
