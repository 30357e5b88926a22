"""One job of many images through several gateways at once: the client of the scale benchmark."""

import asyncio
import itertools
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from densa.v1 import classification_service_pb2 as pb
from densa.v1 import (
    classification_service_pb2_grpc,
    job_service_pb2,
    job_service_pb2_grpc,
    micrograph_pb2,
)

from benchmarks.calls import WrongAnswerError
from benchmarks.micrographs import PIXEL_SIZE_NM

OTHER_JOBS = 1000
"""Jobs that are opened beside the large one before jobs are listed."""


@dataclass
class Sent:
    """How one job went."""

    job: str = ""
    finished_at: "array[float]" = field(default_factory=lambda: array("d"))
    """When each result came to the stream that had sent its image, by perf_counter."""
    by_gateway: list[int] = field(default_factory=list)
    """Images that each gateway took."""
    cursor: str = ""
    """Of the last result."""


@dataclass(frozen=True)
class Times:
    """What it takes to come back to a finished job, in seconds."""

    reopen: float
    """Until a stream that resumes it from its last cursor is told that it is open."""
    replay: float
    """Until all of its results were told again, from the first."""
    get: float
    list_page: float
    """A page of 50 jobs of OTHER_JOBS more."""
    delete: float


async def send(
    targets: Sequence[str],
    images: Sequence[bytes],
    count: int,
    in_flight: int,
    sent: Sent | None = None,
) -> Sent:
    """Sends `count` images as one job, each gateway as many as it takes; fills and gives `sent`."""
    sent = sent or Sent()
    sent.by_gateway = [0] * len(targets)
    numbers = iter(range(count))
    opened: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        for index, target in enumerate(targets):
            stream = _Stream(sent, index, numbers, images, in_flight // len(targets))
            group.create_task(stream.run(target, opened))
    return sent


class _Stream:
    """One of the streams that share a job and its images."""

    def __init__(
        self, sent: Sent, index: int, numbers: Iterator[int], images: Sequence[bytes], places: int
    ) -> None:
        self._sent = sent
        self._index = index
        self._numbers = numbers
        self._images = images
        self._places = asyncio.Semaphore(places)
        self._mine: set[str] = set()

    async def run(self, target: str, opened: asyncio.Future[str]) -> None:
        """The first opens the job, the others join it."""
        async with grpc.aio.insecure_channel(target) as channel:
            stub = classification_service_pb2_grpc.ClassificationServiceStub(channel)
            call = stub.ClassifyMicrographs()
            job = "" if self._index == 0 else await opened
            await call.write(pb.ClassifyMicrographsRequest(open_job=pb.OpenJob(job=job)))
            first = await call.read()
            if not opened.done():
                opened.set_result(first.job_opened.job)
                self._sent.job = first.job_opened.job
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write(call))
                group.create_task(self._read(call))

    async def _write(self, call: Any) -> None:
        while True:
            await self._places.acquire()
            number = next(self._numbers, None)
            if number is None:
                break
            image_id = f"{number:08d}"
            self._mine.add(image_id)
            self._sent.by_gateway[self._index] += 1
            image = self._images[number % len(self._images)]
            micrograph = micrograph_pb2.Micrograph(
                image_id=image_id, image=image, pixel_size_nm=PIXEL_SIZE_NM
            )
            await call.write(pb.ClassifyMicrographsRequest(micrograph=micrograph))
        await call.done_writing()

    async def _read(self, call: Any) -> None:
        while (response := await call.read()) is not grpc.aio.EOF:
            if response.WhichOneof("response") != "result":
                continue
            if response.result.HasField("error"):
                raise WrongAnswerError(f"An image of the benchmark failed: {response}")
            self._sent.cursor = response.cursor
            if response.result.image_id in self._mine:
                self._mine.discard(response.result.image_id)
                self._sent.finished_at.append(time.perf_counter())
                self._places.release()


async def come_back(target: str, sent: Sent) -> Times:
    """Reopens, replays, lists and deletes the job."""
    async with grpc.aio.insecure_channel(target) as channel:
        service = classification_service_pb2_grpc.ClassificationServiceStub(channel)
        jobs = job_service_pb2_grpc.JobServiceStub(channel)
        reopen, _ = await _resume(service, pb.OpenJob(job=sent.job, cursor=sent.cursor))
        _, replay = await _resume(service, pb.OpenJob(job=sent.job))
        for _ in range(OTHER_JOBS):
            await _resume(service, pb.OpenJob())
        one = job_service_pb2.GetJobRequest(job=sent.job)
        return Times(
            reopen,
            replay,
            get=await _timed(jobs.GetJob, one),
            list_page=await _timed(jobs.ListJobs, job_service_pb2.ListJobsRequest()),
            delete=await _timed(jobs.DeleteJob, job_service_pb2.DeleteJobRequest(job=sent.job)),
        )


async def _resume(service: Any, opening: pb.OpenJob) -> tuple[float, float]:
    """Seconds to the first response, and to the end of the stream."""
    began = time.perf_counter()
    call = service.ClassifyMicrographs(iter([pb.ClassifyMicrographsRequest(open_job=opening)]))
    await call.read()
    first = time.perf_counter() - began
    while await call.read() is not grpc.aio.EOF:
        pass
    return first, time.perf_counter() - began


async def _timed(method: Any, request: Any) -> float:
    began = time.perf_counter()
    await method(request)
    return time.perf_counter() - began


def tenths(times: Sequence[float]) -> list[float]:
    """Images per second in each tenth of the images."""
    step = len(times) // 10
    bounds = [min(number * step, len(times) - 1) for number in range(11)]
    return [
        (end - start) / (times[end] - times[start]) for start, end in itertools.pairwise(bounds)
    ]
