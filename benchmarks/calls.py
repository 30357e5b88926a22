"""The two ways to ask the gateway, closed loop: a new image goes when an answer is back."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from densa.v1 import classification_service_pb2 as pb
from densa.v1 import micrograph_pb2

from benchmarks.micrographs import PIXEL_SIZE_NM
from benchmarks.recorder import Recorder


class WrongAnswerError(Exception):
    """The service answered an image of the benchmark with an error."""


def micrographs(images: Sequence[bytes]) -> Iterator[micrograph_pb2.Micrograph]:
    """The images over and over, each time as a new micrograph."""
    for number in itertools.count():
        yield micrograph_pb2.Micrograph(
            image_id=f"{number:08d}",
            image=images[number % len(images)],
            pixel_size_nm=PIXEL_SIZE_NM,
        )


async def unary(stub: Any, images: Sequence[bytes], recorder: Recorder, concurrency: int) -> None:
    """`concurrency` callers, each with one ClassifyMicrograph at a time."""
    source = micrographs(images)

    async def caller() -> None:
        while not recorder.over:
            request = pb.ClassifyMicrographRequest(micrograph=next(source))
            sent_at = recorder.sent()
            await stub.ClassifyMicrograph(request)
            recorder.answered(sent_at)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(caller())


async def streams(
    stub: Any, images: Sequence[bytes], recorder: Recorder, concurrency: int, count: int
) -> None:
    """`count` ClassifyMicrographs streams with `concurrency` images in flight in all."""
    source = micrographs(images)
    async with asyncio.TaskGroup() as group:
        for index in range(count):
            share = concurrency // count + (index < concurrency % count)
            group.create_task(_stream(stub, source, recorder, share))


async def _stream(
    stub: Any, source: Iterator[micrograph_pb2.Micrograph], recorder: Recorder, in_flight: int
) -> None:
    call = stub.ClassifyMicrographs()
    places = asyncio.Semaphore(in_flight)
    sent: dict[str, float] = {}

    async def send() -> None:
        await call.write(pb.ClassifyMicrographsRequest(open_job=pb.OpenJob()))
        while True:
            await places.acquire()
            if recorder.over:
                break
            request = pb.ClassifyMicrographsRequest(micrograph=next(source))
            sent[request.micrograph.image_id] = recorder.sent()
            await call.write(request)
        await call.done_writing()

    async def receive() -> None:
        async for response in call:
            kind = response.WhichOneof("response")
            if kind == "rejected" or response.result.HasField("error"):
                raise WrongAnswerError(f"An image of the benchmark failed: {response}")
            if kind == "result":
                recorder.answered(sent.pop(response.result.image_id))
                places.release()

    async with asyncio.TaskGroup() as group:
        group.create_task(send())
        group.create_task(receive())
