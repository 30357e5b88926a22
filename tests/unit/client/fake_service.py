"""The service as the contract has it, in this process, with no model: it can break where told."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from densa.v1 import (
    classification_pb2,
    classification_service_pb2,
    classification_service_pb2_grpc,
    model_service_pb2,
    model_service_pb2_grpc,
)
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status

pb = classification_service_pb2


def classification(presence: float = 0.9) -> classification_pb2.Classification:
    """An answer whose locations are a tenth of presence, mesangial positive."""
    names = ("MESANGIAL", "SUBEPITHELIAL", "INTRAMEMBRANOUS", "SUBENDOTHELIAL")
    return classification_pb2.Classification(
        presence=classification_pb2.Assessment(
            probability=presence, call=classification_pb2.CALL_POSITIVE
        ),
        locations=[
            classification_pb2.LocationAssessment(
                location=f"LOCATION_{name}",
                assessment=classification_pb2.Assessment(
                    probability=presence / 10,
                    call=classification_pb2.CALL_POSITIVE
                    if name == "MESANGIAL"
                    else classification_pb2.CALL_NEGATIVE,
                ),
            )
            for name in names
        ],
        findings=[
            classification_pb2.Finding(
                code=classification_pb2.FINDING_CODE_UNKNOWN_SCALE, message="No scale."
            )
        ],
        input=classification_pb2.InputSummary(
            format="TIFF",
            width=640,
            height=480,
            analysed_height=470,
            bit_depth=16,
            color="grey",
            pages=1,
            pixel_size_nm=5.0,
            pixel_size_source=classification_pb2.PIXEL_SIZE_SOURCE_FILE,
            windows=4,
        ),
        model=classification_pb2.ModelIdentity(name="fake", version="1", digest="sha256:0"),
        notice="For Research Use Only.",
    )


def status_of(
    code: int, message: str, reason: str, *, field: str = "", retry_after: int | None = None
) -> status_pb2.Status:
    """A google.rpc.Status as the service builds it."""
    details: list[Any] = [error_details_pb2.ErrorInfo(reason=reason, domain="densa")]
    if field:
        violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=message)
        details.append(error_details_pb2.BadRequest(field_violations=[violation]))
    if retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.seconds = retry_after
        details.append(retry)
    packed = []
    for detail in details:
        packed.append(any_pb2.Any())
        packed[-1].Pack(detail)
    return status_pb2.Status(code=code, message=message, details=packed)


CUT = status_of(code_pb2.UNAVAILABLE, "The line was cut.", "SHUTTING_DOWN")


@dataclass
class FakeJob:
    """What the service keeps of a job, whatever happens to its stream."""

    stored: dict[str, bytes] = field(default_factory=dict)
    results: list[classification_service_pb2.MicrographResult] = field(default_factory=list)


@dataclass
class FakeService(
    classification_service_pb2_grpc.ClassificationServiceServicer,  # type: ignore[misc]  # untyped stubs
    model_service_pb2_grpc.ModelServiceServicer,  # type: ignore[misc]
):
    """Answers everything at once, and cuts a stream at the points in `cuts`.

    A cut is (point, count, status): at the count-th time that the point is
    reached the stream ends with the status. Points, in the order of an image's
    life: opened, received, stored, accepted, answering, answered.
    """

    max_image_bytes: int = 1000
    models_served: int = 1
    cuts: list[tuple[str, int, status_pb2.Status]] = field(default_factory=list)
    unary_failures: list[status_pb2.Status] = field(default_factory=list)
    mute: bool = False
    """Takes images and never has a result."""
    jobs: dict[str, FakeJob] = field(default_factory=dict)
    reached: Counter[str] = field(default_factory=Counter)
    streams: int = 0
    all_closed: threading.Event = field(default_factory=threading.Event)
    """No stream is open, though there was one."""

    async def ClassifyMicrograph(self, _request: Any, context: Any) -> Any:  # noqa: N802
        """One answer, or the next of `unary_failures`."""
        if self.unary_failures:
            await context.abort_with_status(rpc_status.to_status(self.unary_failures.pop(0)))
        return pb.ClassifyMicrographResponse(classification=classification())

    async def ListModels(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """The fake's one model."""
        model = model_service_pb2.Model(
            identity=classification_pb2.ModelIdentity(name="fake", version="1", digest="sha256:0"),
            input=model_service_pb2.InputContract(max_image_bytes=self.max_image_bytes),
        )
        return model_service_pb2.ListModelsResponse(models=[model] * self.models_served)

    async def ClassifyMicrographs(  # noqa: N802
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        """A stream over a job that outlives it."""
        self.streams += 1
        self.all_closed.clear()
        try:
            opening = (await anext(requests)).open_job
            name = opening.job or f"job-{len(self.jobs) + 1}"
            job = self.jobs.setdefault(name, FakeJob())
            position = int(opening.cursor or 0)
            await self._reach("opened", context)
            yield pb.ClassifyMicrographsResponse(
                job_opened=pb.JobOpened(job=name), cursor=str(position)
            )
            async for request in requests:
                yield await self._take(request.micrograph, job, context)
                await self._reach("accepted", context)
                while position < len(job.results):
                    await self._reach("answering", context)
                    position += 1
                    yield pb.ClassifyMicrographsResponse(
                        result=job.results[position - 1], cursor=str(position)
                    )
                    await self._reach("answered", context)
            while position < len(job.results):
                position += 1
                yield pb.ClassifyMicrographsResponse(
                    result=job.results[position - 1], cursor=str(position)
                )
            if self.mute:
                await asyncio.Event().wait()
        finally:
            self.all_closed.set()

    async def _take(self, micrograph: Any, job: FakeJob, context: Any) -> Any:
        await self._reach("received", context)
        image_id, data = micrograph.image_id, micrograph.image
        if data == b"bad":
            error = status_of(
                code_pb2.INVALID_ARGUMENT, "No image.", "UNSUPPORTED_FORMAT", field="image"
            )
            return pb.ClassifyMicrographsResponse(
                rejected=pb.Rejected(image_id=image_id, error=error)
            )
        duplicate = job.stored.get(image_id) == data
        if not duplicate:
            job.stored[image_id] = data
            if not self.mute:
                job.results.append(self._outcome(micrograph, data))
        await self._reach("stored", context)
        return pb.ClassifyMicrographsResponse(
            accepted=pb.Accepted(image_id=image_id, duplicate=duplicate)
        )

    def _outcome(self, micrograph: Any, data: bytes) -> Any:
        outcome = pb.MicrographResult(image_id=micrograph.image_id, case_id=micrograph.case_id)
        if data == b"truncated":
            error = status_of(code_pb2.INVALID_ARGUMENT, "It ends early.", "TRUNCATED_IMAGE")
            outcome.error.CopyFrom(error)
            return outcome
        outcome.classification.CopyFrom(classification())
        for output in micrograph.heat_maps:
            one = outcome.classification.heat_maps.add(output=output, rows=2, columns=3)
            one.values, one.lowest, one.highest = bytes([0, 51, 102, 153, 204, 255]), -1.5, 2.5
        return outcome

    async def _reach(self, point: str, context: Any) -> None:
        self.reached[point] += 1
        for cut_point, count, status in self.cuts:
            if (cut_point, count) == (point, self.reached[point]):
                await context.abort_with_status(rpc_status.to_status(status))


@dataclass
class FakeServer:
    """A FakeService behind a real gRPC server."""

    service: FakeService
    address: str
    health: Any


async def start(service: FakeService) -> tuple[grpc.aio.Server, FakeServer]:
    """The server, started on a free port, and what a test needs of it."""
    server = grpc.aio.server()
    classification_service_pb2_grpc.add_ClassificationServiceServicer_to_server(service, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(service, server)
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    await servicer.set(
        "densa.v1.ClassificationService", health_pb2.HealthCheckResponse.ServingStatus.SERVING
    )
    return server, FakeServer(service, f"127.0.0.1:{port}", servicer)
