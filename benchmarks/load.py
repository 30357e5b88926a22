"""`python -m benchmarks.load`: the load generator, a process of its own (see orders.py)."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
from densa.v1 import classification_service_pb2_grpc

from benchmarks.calls import streams, unary
from benchmarks.micrographs import read_pool
from benchmarks.orders import LoadAnswer, LoadOrder, answer_orders
from benchmarks.recorder import Recorder
from benchmarks.usage import Usage

MEMORY_SAMPLE_SECONDS = 0.05

PATIENCE_SECONDS = 30.0
"""How long a load may take beyond what was asked for, before an answer counts as lost."""

SLOWEST_IMAGES_PER_SECOND = 10.0
"""Bounds the time of a load that is given as a number of images."""

MAX_MESSAGE_BYTES = 16 * 1024 * 1024


class LostAnswerError(Exception):
    """The service did not answer in time."""


async def drive(order: LoadOrder) -> LoadAnswer:
    """Carries out one order."""
    images = read_pool(Path(order.pool))
    usage = Usage(order.processes)
    options = [("grpc.max_send_message_length", MAX_MESSAGE_BYTES)]
    async with grpc.aio.insecure_channel(order.target, options=options) as channel:
        stub = classification_service_pb2_grpc.ClassificationServiceStub(channel)
        recorder = Recorder(order, usage)
        samples: list[tuple[int, int]] = []
        sampling = asyncio.create_task(_sample_memory(order, recorder, usage, samples))
        try:
            async with asyncio.timeout(_longest(order)):
                if order.style == "unary":
                    await unary(stub, images, recorder, order.concurrency)
                else:
                    await streams(stub, images, recorder, order.concurrency, order.streams)
        except TimeoutError as error:
            raise LostAnswerError(
                f"After {_longest(order):.0f} s {recorder.missing} images had no answer: {order}"
            ) from error
        finally:
            sampling.cancel()
    return recorder.answer(samples)


def _longest(order: LoadOrder) -> float:
    measured = order.seconds + order.images / SLOWEST_IMAGES_PER_SECOND
    return order.warmup_seconds + measured + PATIENCE_SECONDS


async def _sample_memory(
    order: LoadOrder, recorder: Recorder, usage: Usage, samples: list[tuple[int, int]]
) -> None:
    while order.memory_of:
        if recorder.measuring:
            samples.append((recorder.measured, usage.memory(order.memory_of)))
        await asyncio.sleep(MEMORY_SAMPLE_SECONDS)


def answer(order: dict[str, Any]) -> LoadAnswer:
    """One order as it came over the pipe."""
    return asyncio.run(drive(LoadOrder(**order)))


if __name__ == "__main__":
    answer_orders(answer)
