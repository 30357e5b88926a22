"""`python -m benchmarks lanes`: urgent micrographs while a back-fill waits."""

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from densa.v1 import classification_service_pb2 as pb
from densa.v1 import classification_service_pb2_grpc, job_service_pb2_grpc, lane_pb2
from densa.v1 import job_service_pb2 as jobs_pb
from densa.v1.micrograph_pb2 import Micrograph

from benchmarks import host
from benchmarks.arithmetic import percentile
from benchmarks.calls import micrographs
from benchmarks.helper import ROOT, BenchmarkError
from benchmarks.micrographs import read_pool, write_pool
from benchmarks.options import SHIPPED_BUNDLE
from benchmarks.report import table
from benchmarks.stack import Shape, stack

STAT, BULK = lane_pb2.LANE_STAT, lane_pb2.LANE_BULK
WARM_UP = 10
QUEUE_SECONDS = 300
MORE_PER_SECOND = 100
"""Images sent besides, for what is worked off while they are sent and measured."""
SHARE = 0.2
"""Of the throughput, that the back-fill keeps at least."""


@dataclass(frozen=True)
class LanesOptions:
    """One run."""

    backlog: int
    calls: int
    seconds: float
    concurrency: int


@dataclass(frozen=True)
class Found:
    """What one run found; times in milliseconds."""

    idle: list[float]
    behind: list[float]
    batches: list[float]
    """The back-fill's model runs while urgent calls were made one at a time."""
    backlog: int
    urgent_per_second: float
    bulk_per_second: float


def parse(arguments: list[str]) -> LanesOptions:
    """The options of `lanes`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks lanes",
        description="Asks STAT calls one at a time, idle and with a back-fill queued in BULK; then "
        "keeps STAT busy and says which share of the throughput the back-fill still gets.",
    )
    parser.add_argument("--backlog", type=int, default=5000, help="BULK images that wait")
    parser.add_argument("--calls", type=int, default=100, help="STAT calls, one at a time")
    parser.add_argument("--seconds", type=float, default=20.0, help="of continuous STAT load")
    parser.add_argument("--concurrency", type=int, default=32, help="STAT calls at once then")
    return LanesOptions(**vars(parser.parse_args(arguments)))


def run(options: LanesOptions) -> int:
    """Prints what was found."""
    with tempfile.TemporaryDirectory(prefix="densa-lanes-") as name:
        folder = Path(name)
        images = read_pool(write_pool(folder, "jpeg"))
        settings = (
            f"DENSA_GATEWAY_MAX_QUEUED_IMAGES={4 * options.backlog}",
            f"DENSA_GATEWAY_STREAM_WINDOW={4 * options.backlog}",
        )
        with stack(folder / "stack", ROOT / SHIPPED_BUNDLE, Shape(settings=settings)) as service:
            found = asyncio.run(_measure(options, service.target, images))
    print(render(options, found))
    return 0


async def _measure(options: LanesOptions, target: str, images: list[bytes]) -> Found:
    source = micrographs(images)
    async with grpc.aio.insecure_channel(target) as channel:
        stub = classification_service_pb2_grpc.ClassificationServiceStub(channel)
        jobs = job_service_pb2_grpc.JobServiceStub(channel)
        await _one_at_a_time(stub, source, WARM_UP)
        idle = await _one_at_a_time(stub, source, options.calls)
        more = int(options.backlog + MORE_PER_SECOND * (options.seconds + options.calls / 10))
        batches: list[float] = []
        async with _back_fill(stub, source, more, batches) as job:
            await _until_accepted(jobs, job, more)
            batches.clear()
            behind = await _one_at_a_time(stub, source, options.calls)
            meanwhile = list(batches)
            before = await _job(jobs, job)
            urgent, seconds = await _continuous(stub, source, options)
            after = await _job(jobs, job)
            if after.accepted - after.finished < options.concurrency:
                raise BenchmarkError("The back-fill ended before the measurement: --backlog more.")
            await jobs.CancelJob(jobs_pb.CancelJobRequest(job=job))
    return Found(
        idle,
        behind,
        meanwhile,
        before.accepted - before.finished,
        urgent / seconds,
        (after.finished - before.finished) / seconds,
    )


async def _one_at_a_time(stub: Any, source: Iterator[Micrograph], calls: int) -> list[float]:
    """Milliseconds of each call."""
    taken = []
    for _ in range(calls):
        began = time.perf_counter()
        await _stat(stub, source)
        taken.append(1000 * (time.perf_counter() - began))
    return taken


async def _stat(stub: Any, source: Iterator[Micrograph]) -> None:
    await stub.ClassifyMicrograph(pb.ClassifyMicrographRequest(micrograph=next(source), lane=STAT))


async def _continuous(
    stub: Any, source: Iterator[Micrograph], options: LanesOptions
) -> tuple[int, float]:
    """STAT calls answered, and in how many seconds."""
    began = time.perf_counter()
    answered = 0

    async def keep_asking() -> None:
        nonlocal answered
        while time.perf_counter() - began < options.seconds:
            await _stat(stub, source)
            answered += 1

    await asyncio.gather(*(keep_asking() for _ in range(options.concurrency)))
    return answered, time.perf_counter() - began


@contextlib.asynccontextmanager
async def _back_fill(
    stub: Any, source: Iterator[Micrograph], images: int, batches: list[float]
) -> AsyncIterator[str]:
    """A BULK job that images are sent into meanwhile; its name. Milliseconds of the model run of
    each result are added to `batches`.
    """
    call = stub.ClassifyMicrographs()
    opening = pb.OpenJob(lane=BULK)
    await call.write(pb.ClassifyMicrographsRequest(open_job=opening))
    opened = await call.read()

    async def send() -> None:
        for number in range(images):
            micrograph = next(source)
            micrograph.image_id = f"bulk-{number}"
            await call.write(pb.ClassifyMicrographsRequest(micrograph=micrograph))

    async def read() -> None:
        while (response := await call.read()) is not grpc.aio.EOF:
            if response.WhichOneof("response") == "result":
                duration = response.result.classification.timing.inference_duration
                batches.append(1000 * duration.ToTimedelta().total_seconds())

    tasks = [asyncio.create_task(send()), asyncio.create_task(read())]
    try:
        yield opened.job_opened.job
    finally:
        call.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_accepted(jobs: Any, name: str, images: int) -> None:
    end = time.monotonic() + QUEUE_SECONDS
    while (await _job(jobs, name)).accepted < images:
        if time.monotonic() > end:
            raise BenchmarkError(f"{images} images were not accepted in {QUEUE_SECONDS} s.")
        await asyncio.sleep(0.2)


async def _job(jobs: Any, name: str) -> jobs_pb.Job:
    response: jobs_pb.GetJobResponse = await jobs.GetJob(jobs_pb.GetJobRequest(job=name))
    return response.job


def render(options: LanesOptions, found: Found) -> str:
    """The report, as Markdown."""
    machine = host.describe()
    head = (
        f"Measured {machine.date} at commit {machine.commit}: {machine.cores} cores of "
        f"{machine.cpu}, load generator on the same cores, ResNet18, JPEG, {options.calls} STAT "
        f"calls one at a time, then {options.concurrency} at once for {options.seconds:g} s."
    )
    idle, behind = percentile(found.idle, 95), percentile(found.behind, 95)
    batch = percentile(found.batches, 50)
    rows = [
        ["STAT p95, idle", f"{idle:.0f} ms", ""],
        ["a BULK micro-batch in the model, p50, meanwhile", f"{batch:.0f} ms", ""],
        [
            f"STAT p95 behind {found.backlog:,} BULK images",
            f"{behind:.0f} ms",
            f"at most idle + 2 micro-batches: {idle + 2 * batch:.0f} ms",
        ],
    ]
    whole = found.urgent_per_second + found.bulk_per_second
    rows.append(
        [
            "BULK's share under continuous STAT",
            f"{found.bulk_per_second / whole:.2f} of {whole:.0f} images/s",
            f"at least {SHARE:g}",
        ]
    )
    return f"{head}\n\n{table(['', 'measured', 'goal'], rows)}"
