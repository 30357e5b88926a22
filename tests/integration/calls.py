"""Calls with nothing but the generated stubs, and what came back."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import grpc
from densa.v1 import classification_service_pb2 as pb
from densa.v1 import classification_service_pb2_grpc, lane_pb2
from densa.v1.micrograph_pb2 import Micrograph
from google.rpc import error_details_pb2, status_pb2

from tests.integration.micrographs import PIXEL_SIZE_NM, micrograph
from tests.waiting import LIMIT_SECONDS, until

DETAILS_KEY = "grpc-status-details-bin"

Response = pb.ClassifyMicrographsResponse


def stub_of(channel: grpc.aio.Channel) -> Any:
    """The classification service behind a channel."""
    return classification_service_pb2_grpc.ClassificationServiceStub(channel)


def grey(image_id: str, level: int, **fields: Any) -> Micrograph:
    """A good micrograph, `level` bright."""
    fields.setdefault("pixel_size_nm", PIXEL_SIZE_NM)
    return Micrograph(image_id=image_id, image=micrograph(level), **fields)


def status_of(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    """The google.rpc.Status of a call that failed."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY:
            assert isinstance(value, bytes)
            return status_pb2.Status.FromString(value)
    raise AssertionError(f"no google.rpc.Status in {error!r}")


def reason_of(status: status_pb2.Status) -> str:
    """ErrorInfo.reason."""
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in status.details), status
    assert info.domain == "densa"
    return str(info.reason)


def field_of(status: status_pb2.Status) -> str:
    """The field of the one violation; empty where none is named."""
    request = error_details_pb2.BadRequest()
    if not any(detail.Unpack(request) for detail in status.details):
        return ""
    (violation,) = request.field_violations
    return str(violation.field)


async def classify(
    stub: Any,
    image: Micrograph,
    timeout: float = 60,  # noqa: ASYNC109
    metadata: Sequence[tuple[str, str]] = (),
) -> Any:
    """The answer of the unary call."""
    request = pb.ClassifyMicrographRequest(micrograph=image)
    response = await stub.ClassifyMicrograph(request, timeout=timeout, metadata=metadata)
    return response.classification


async def refusal(stub: Any, image: Micrograph) -> grpc.aio.AioRpcError:
    """The error of the unary call."""
    try:
        answer = await classify(stub, image)
    except grpc.aio.AioRpcError as error:
        return error
    raise AssertionError(f"classified: {answer}")


class Stream:
    """One ClassifyMicrographs call. It reads all the time, unless told not to."""

    def __init__(
        self, stub: Any, *, reads: bool = True, metadata: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.call = stub.ClassifyMicrographs(metadata=metadata)
        self.responses: list[Response] = []
        self.error: grpc.aio.AioRpcError | None = None
        self._reading = asyncio.create_task(self._read()) if reads else None

    async def open(
        self, job: str = "", cursor: str = "", lane: lane_pb2.Lane = lane_pb2.LANE_UNSPECIFIED
    ) -> None:
        """Opens or resumes a job."""
        opening = pb.OpenJob(job=job, cursor=cursor, lane=lane)
        await self.call.write(pb.ClassifyMicrographsRequest(open_job=opening))

    async def send(self, *images: Micrograph) -> None:
        """Sends micrographs, as fast as flow control lets it."""
        for image in images:
            await self.call.write(pb.ClassifyMicrographsRequest(micrograph=image))

    async def finish(self) -> None:
        """Half-closes and waits for the end, which must be a good one."""
        await self.call.done_writing()
        await self.ended()
        assert self.error is None, self.error

    async def ended(self) -> None:
        """Waits for the end."""
        assert self._reading is not None
        await self._reading

    async def leave(self) -> None:
        """Cancels the call."""
        self.call.cancel()
        if self._reading is not None:
            await asyncio.wait({self._reading})

    async def until(
        self, condition: Callable[["Stream"], object], limit: float = LIMIT_SECONDS
    ) -> None:
        """Waits until what came back fulfils the condition."""
        await until(lambda: condition(self) or (self._reading and self._reading.done()), limit)
        assert condition(self), self.error

    def _of(self, kind: str) -> list[Response]:
        return [one for one in self.responses if one.WhichOneof("response") == kind]

    @property
    def job(self) -> str:
        """The job's name; empty before it is known."""
        return self.responses[0].job_opened.job if self.responses else ""

    @property
    def accepted(self) -> list[str]:
        """The ids accepted, in order."""
        return [one.accepted.image_id for one in self._of("accepted")]

    @property
    def rejected(self) -> dict[str, status_pb2.Status]:
        """Why ids were rejected."""
        return {one.rejected.image_id: one.rejected.error for one in self._of("rejected")}

    @property
    def results(self) -> Sequence[Any]:
        """The results, in order."""
        return [one.result for one in self._of("result")]

    @property
    def presences(self) -> dict[str, float]:
        """Presence probabilities by id; each id may have one result only."""
        found = {one.image_id: one.classification.presence.probability for one in self.results}
        assert len(found) == len(self.results)
        return found

    @property
    def cursor(self) -> str:
        """Where to go on."""
        return next(one.cursor for one in reversed(self.responses) if one.cursor)

    async def _read(self) -> None:
        try:
            async for response in self.call:
                self.responses.append(response)
        except grpc.aio.AioRpcError as error:
            self.error = error
