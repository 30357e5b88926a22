"""`python -m benchmarks scale`: one job of very many small images, two gateways, three workers."""

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import redis

from benchmarks import host, redis_limit
from benchmarks.arithmetic import Growth, growth
from benchmarks.micrographs import POOL, draw_field
from benchmarks.redis_commands import Asked, Counting
from benchmarks.redis_limit import RedisLimit
from benchmarks.report import table
from benchmarks.scale_load import OTHER_JOBS, Sent, Times, come_back, send, tenths
from benchmarks.stack import Shape, Stack, lone_redis, stack
from benchmarks.usage import Usage
from tests.bundles import write_null_bundle

SMALL_SIDE = 256
SAMPLE_SECONDS = 0.5
COUNTED_IMAGES = 3000
"""Images of a job of its own, during which Redis tells what it is asked."""

BATCHES = (1, 16)
"""Micro-batches with which Redis is measured alone: of little work, and of a backlog."""

IN_FLIGHT = (64, 1)
"""Images in flight while commands are counted: under load, and one at a time."""


@dataclass(frozen=True)
class ScaleOptions:
    """One run."""

    images: int
    in_flight: int
    gateways: int
    workers: int


@dataclass
class Found:
    """What a run found."""

    asked: dict[int, Asked] = field(default_factory=dict)
    counted: dict[int, int] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)
    cpu_rates: list[float] = field(default_factory=list)
    """CPU milliseconds per image of all servers, by tenths: what others do on the machine matters
    less to it.
    """
    memory: dict[str, Growth] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    """CPU seconds of each process."""
    by_gateway: list[int] = field(default_factory=list)
    redis_bytes: float = 0.0
    """Of the whole job, by what Redis has in use."""
    keys: dict[str, int] = field(default_factory=dict)
    """Bytes of each key of the job."""
    image_bytes: float = 0.0
    times: Times | None = None
    alone: list[RedisLimit] = field(default_factory=list)


def parse(arguments: list[str]) -> ScaleOptions:
    """The options of `scale`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks scale",
        description="Sends very many small images as one job with a null model, and says whether "
        "speed and memory stay the same from the first to the last, what an image costs Redis in "
        "bytes and in commands, how evenly the work is shared, and how long it takes to come back "
        "to such a job. 100,000 images take about ten minutes on two cores.",
    )
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--in-flight", type=int, default=256, help="over all gateways")
    parser.add_argument("--gateways", type=int, default=2)
    parser.add_argument("--workers", type=int, default=3)
    given = parser.parse_args(arguments)
    if min(vars(given).values()) < 1 or given.images < 1000:
        parser.error("at least 1000 images, one gateway and one worker.")
    return ScaleOptions(**vars(given))


def run(options: ScaleOptions) -> int:
    """Prints what was found."""
    with tempfile.TemporaryDirectory(prefix="densa-scale-") as name:
        folder = Path(name)
        write_null_bundle(folder / "null")
        # Each worker is to be one of several: as many threads as on a machine of its own would
        # have three times as many images in hand as there are cores for.
        shape = Shape(options.gateways, options.workers, ("DENSA_INFERENCE_THREADS=1",))
        with stack(folder / "stack", folder / "null", shape) as service:
            found = measure(options, service)
        with lone_redis(folder / "redis") as url:
            found.alone = [redis_limit.measure(url, batch) for batch in BATCHES]
    print(render(options, found))
    return 0


def measure(options: ScaleOptions, service: Stack) -> Found:
    """The whole run."""
    images, found = small_images(), Found()
    found.image_bytes = sum(map(len, images)) / len(images)
    client = redis.Redis.from_url(service.redis_url)
    for in_flight in IN_FLIGHT:
        count = COUNTED_IMAGES if in_flight > 1 else COUNTED_IMAGES // 10
        with Counting(service.redis_url) as asked:
            asyncio.run(send(service.targets[:1], images, count, in_flight))
        found.asked[in_flight], found.counted[in_flight] = asked, count
    before = _used_memory(client)
    usage = Usage(service.processes)
    cpu = usage.cpu_seconds()
    progress = Sent()
    with _sampling(usage, service.processes, progress) as (samples, spent):
        sent = asyncio.run(
            send(service.targets, images, options.images, options.in_flight, progress)
        )
    found.cpu = {name: after - cpu[name] for name, after in usage.cpu_seconds().items()}
    found.rates, found.by_gateway = tenths(sent.finished_at), sent.by_gateway
    found.cpu_rates = _by_tenths(spent, options.images)
    found.memory = {name: growth(taken) for name, taken in samples.items()}
    found.redis_bytes = _used_memory(client) - before
    for key in sorted(client.scan_iter(f"densa:job:{sent.job}*")):
        part = cast("bytes", key).decode().partition(sent.job)[2] or ":(itself)"
        found.keys[part[1:]] = int(client.memory_usage(key, samples=0) or 0)
    client.close()
    found.times = asyncio.run(come_back(service.targets[-1], sent))
    return found


def small_images() -> list[bytes]:
    """JPEGs of SMALL_SIDE pixels a side."""
    fields = (draw_field(seed)[:SMALL_SIDE, :SMALL_SIDE] for seed in range(POOL))
    return [bytes(cv2.imencode(".jpg", one.astype("uint8"))[1]) for one in fields]


@contextmanager
def _sampling(
    usage: Usage, processes: Mapping[str, int], progress: Sent
) -> Iterator[tuple[dict[str, list[tuple[int, int]]], list[tuple[int, float]]]]:
    """(images finished, bytes) of each process with its children, all along; and (images finished,
    CPU seconds) of all together.
    """
    spent: list[tuple[int, float]] = []
    samples: dict[str, list[tuple[int, int]]] = {name: [] for name in processes}
    over = threading.Event()

    def sample() -> None:
        told = time.monotonic()
        while not over.wait(SAMPLE_SECONDS):
            done = len(progress.finished_at)
            for name, taken in samples.items():
                taken.append((done, usage.family_memory(name)))
            spent.append((done, sum(usage.cpu_seconds().values())))
            if time.monotonic() - told > 10:
                told = time.monotonic()
                print(f"{done} images", file=sys.stderr, flush=True)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples, spent
    finally:
        over.set()
        thread.join()


def _by_tenths(spent: list[tuple[int, float]], images: int) -> list[float]:
    done, seconds = zip(*spent, strict=True)
    bounds = np.interp(np.linspace(0, images, 11), done, seconds)
    return [float(each) for each in np.diff(bounds) / (images / 10) * 1000]


def _used_memory(client: redis.Redis) -> int:
    return int(cast("dict[str, int]", client.info("memory"))["used_memory"])


def render(options: ScaleOptions, found: Found) -> str:
    """The report, as Markdown."""
    machine = host.describe()
    head = (
        f"Measured {machine.date} at commit {machine.commit}: {machine.cores} cores of "
        f"{machine.cpu}, load generator on the same cores; {options.images:,} JPEGs of "
        f"{found.image_bytes / 1000:.1f} KB as one job, {options.in_flight} in flight, null model, "
        f"{options.gateways} gateways, {options.workers} workers."
    )
    parts = [
        head,
        "Images/s by tenths: " + ", ".join(f"{rate:.0f}" for rate in found.rates) + ".",
        "CPU ms/image of all servers by tenths: "
        + ", ".join(f"{each:.2f}" for each in found.cpu_rates)
        + ".",
        _processes(options, found),
        _redis(options, found),
        *(_commands(in_flight, found) for in_flight in found.asked),
    ]
    if (times := found.times) is not None:
        parts.append(
            f"Coming back: reopened at the last cursor {times.reopen * 1000:.0f} ms, all results "
            f"again {times.replay:.1f} s, GetJob {times.get * 1000:.0f} ms, a page of 50 of "
            f"{OTHER_JOBS:,} jobs {times.list_page * 1000:.0f} ms, deleted "
            f"{times.delete * 1000:.0f} ms."
        )
    parts.append(_alone(found))
    return "\n\n".join(parts)


def _alone(found: Found) -> str:
    rows = [
        [
            f"{limit.batch}",
            f"{limit.cpu_ms:.2f}",
            f"{limit.images_per_second:.0f}",
            f"{limit.append_only_bytes:.0f}",
        ]
        for limit in found.alone
    ]
    head = ["images in a micro-batch", "CPU ms/image", "images/s of a core", "append-only bytes"]
    return "Redis alone:\n\n" + table(head, rows)


def _processes(options: ScaleOptions, found: Found) -> str:
    taken = dict(zip(_gateways(found), found.by_gateway, strict=True))
    rows = [
        [
            name,
            f"{memory.first:.0f}",
            f"{memory.last:.0f}",
            f"{memory.most:.0f}",
            f"{found.cpu[name] / options.images * 1000:.2f}",
            f"{taken[name] / options.images:.1%}" if name in taken else "",
        ]
        for name, memory in found.memory.items()
    ]
    head = ["process", "MiB, first third", "last third", "most", "CPU ms/image", "took"]
    return table(head, rows)


def _gateways(found: Found) -> list[str]:
    return [name for name in found.memory if name.startswith("gateway")]


def _redis(options: ScaleOptions, found: Found) -> str:
    rows = [[name, f"{size / options.images:.0f}"] for name, size in found.keys.items()]
    rows.append(["all that Redis has more in use", f"{found.redis_bytes / options.images:.0f}"])
    return table(["key of the job", "bytes/image"], rows)


def _commands(in_flight: int, found: Found) -> str:
    asked, images = found.asked[in_flight], found.counted[in_flight]
    rows = [
        [name, f"{count / images:.3f}", f"{asked.trips[name] / images:.3f}"]
        for name, count in asked.commands.most_common()
        if count / images >= 0.001
    ]
    rows.append(
        [
            "all",
            f"{asked.commands.total() / images:.3f}",
            f"{asked.trips.total() / images:.3f}",
        ]
    )
    title = f"Asked of Redis per image, one gateway, {in_flight} in flight ({images} images):"
    inside = f"Inside of scripts {asked.inside / images:.1f} more."
    return "\n\n".join([title, table(["command", "commands", "round trips"], rows), inside])
