"""`python -m benchmarks overload`: three times as many calls as the service can answer."""

import argparse
import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from densa.v1 import classification_service_pb2 as pb
from densa.v1 import classification_service_pb2_grpc, lane_pb2
from google.rpc import error_details_pb2, status_pb2

from benchmarks import host
from benchmarks.arithmetic import percentile
from benchmarks.calls import micrographs
from benchmarks.helper import ROOT, helper
from benchmarks.micrographs import read_pool, write_pool
from benchmarks.options import SHIPPED_BUNDLE
from benchmarks.orders import LoadOrder
from benchmarks.report import table
from benchmarks.stack import Shape, Stack, stack
from benchmarks.usage import Usage

DETAILS_KEY = "grpc-status-details-bin"
SAMPLE_SECONDS = 0.2
GREEDY, OTHER = "greedy", "other"


@dataclass(frozen=True)
class OverloadOptions:
    """One run."""

    times: float
    seconds: float
    cap: int


@dataclass
class Calls:
    """What came of the calls of one caller, in milliseconds."""

    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    retry_after: list[float] = field(default_factory=list)
    """Seconds, as RetryInfo said."""


def parse(arguments: list[str]) -> OverloadOptions:
    """The options of `overload`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks overload",
        description="Measures what the service can answer (ResNet18, JPEG), then calls it three "
        "times as often, whatever comes of it, while another caller asks one image at a time; and "
        "says how soon calls were refused, how long accepted ones took, and what memory did.",
    )
    parser.add_argument("--times", type=float, default=3.0, help="of what it can answer")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--cap", type=int, default=128, help="images that may wait")
    return OverloadOptions(**vars(parser.parse_args(arguments)))


def run(options: OverloadOptions) -> int:
    """Prints what was found."""
    with tempfile.TemporaryDirectory(prefix="densa-overload-") as name:
        folder = Path(name)
        pool = write_pool(folder, "jpeg")
        shape = Shape(settings=(f"DENSA_GATEWAY_MAX_QUEUED_IMAGES={options.cap}",))
        bundle = ROOT / SHIPPED_BUNDLE
        with stack(folder / "stack", bundle, shape) as service, helper("benchmarks.load") as load:
            order = LoadOrder(
                service.target, str(pool), "stream", 32, seconds=5.0, processes=service.processes
            )
            capacity = load.load(order).images_per_second
            usage = Usage(service.processes)
            before = {name: usage.family_memory(name) for name in service.processes}
            with _sampling(usage, service) as most:
                calls = asyncio.run(_flood(options, service, read_pool(pool), capacity))
    print(render(options, capacity, calls, before, most))
    return 0


async def _flood(
    options: OverloadOptions, service: Stack, images: list[bytes], capacity: float
) -> dict[str, Calls]:
    """Open loop: the next call does not wait for the one before."""
    calls = {GREEDY: Calls(), OTHER: Calls()}
    source = micrographs(images)
    async with grpc.aio.insecure_channel(service.target) as channel:
        stub = classification_service_pb2_grpc.ClassificationServiceStub(channel)

        async def call(client: str) -> None:
            request = pb.ClassifyMicrographRequest(
                micrograph=next(source), lane=lane_pb2.LANE_ROUTINE
            )
            began = time.perf_counter()
            try:
                await stub.ClassifyMicrograph(request, metadata=(("densa-client", client),))
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                    raise
                calls[client].refused.append(1000 * (time.perf_counter() - began))
                calls[client].retry_after.append(_retry_after(error))
            else:
                calls[client].answered.append(1000 * (time.perf_counter() - began))

        async def one_at_a_time() -> None:
            while time.perf_counter() < end:
                await call(OTHER)

        began = time.perf_counter()
        end = began + options.seconds
        async with asyncio.TaskGroup() as group:
            group.create_task(one_at_a_time())
            for number in range(int(options.seconds * options.times * capacity)):
                due = began + number / (options.times * capacity)
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(call(GREEDY))
    return calls


def _retry_after(error: grpc.aio.AioRpcError) -> float:
    retry = error_details_pb2.RetryInfo()
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            any(detail.Unpack(retry) for detail in status_pb2.Status.FromString(value).details)
    return float(retry.retry_delay.ToTimedelta().total_seconds())


@contextmanager
def _sampling(usage: Usage, service: Stack) -> Iterator[dict[str, int]]:
    """The most memory of each process."""
    most = dict.fromkeys(service.processes, 0)
    over = threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            for name in most:
                most[name] = max(most[name], usage.family_memory(name))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def render(
    options: OverloadOptions,
    capacity: float,
    calls: dict[str, Calls],
    before: dict[str, int],
    most: dict[str, int],
) -> str:
    """The report, as Markdown."""
    machine = host.describe()
    head = (
        f"Measured {machine.date} at commit {machine.commit}: {machine.cores} cores of "
        f"{machine.cpu}, load generator on the same cores, ResNet18, JPEG. It can answer "
        f"{capacity:.0f} images/s; called {options.times:g} times as often for "
        f"{options.seconds:g} s, {options.cap} images may wait (one submitter: half)."
    )
    rows = [
        [
            client,
            f"{len(each.answered)}",
            *_spread(each.answered),
            f"{len(each.refused)}",
            *_spread(each.refused),
            *_spread(each.retry_after),
        ]
        for client, each in calls.items()
    ]
    columns = ["caller", "answered", "p50 ms", "p99 ms", "refused", "p50 ms", "p99 ms"]
    columns += ["RetryInfo p50 s", "p99 s"]
    mib = 2**20
    memory = [
        [name, f"{before[name] / mib:.0f}", f"{most[name] / mib:.0f}"] for name in sorted(most)
    ]
    return "\n\n".join(
        [head, table(columns, rows), table(["process", "MiB before", "most"], memory)]
    )


def _spread(values: list[float]) -> list[str]:
    if not values:
        return ["", ""]
    return [f"{percentile(values, percent):.1f}" for percent in (50, 99)]
