"""A job that is sent and collected while something is broken, and what must be true of it then."""

import asyncio
import os
import time
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import psutil
import pytest
import redis

from services.client import AsyncDensaClient, CaseResult
from services.client.images import Image
from services.client.options import ClientOptions
from services.client.results import MicrographResult
from services.common import keys
from services.common.scripts import script
from tests.integration.micrographs import PIXEL_SIZE_NM, TOLERANCE, micrograph, presence
from tests.waiting import until

IMAGES = int(os.environ.get("FAULTS_IMAGES", "800"))
"""Images of a job: `make test-faults` takes 2,000."""

BROKEN_AFTER = 200
"""Results after which something is broken."""

RECOVERY_SECONDS = 10.0
"""Results flow again so long after a process is back."""

LEVELS, FIRST_LEVEL = 200, 20

CASE = 40
"""Images of a case."""

LASTING_KEYS = {
    keys.WORKERS,
    keys.MODELS,
    keys.LINGERING,
    "densa:passed",
    "densa:urgent",
    "densa:swept",
}
"""Of the service itself. What else is there when all jobs are gone has leaked."""

FLEETING_KEYS = keys.nudges("")
"""What begins like this goes by itself within seconds."""

PATIENT = ClientOptions(in_flight=256, longest_silence=60, reconnect_for=120)


def level_of(number: int) -> int:
    """How bright the image of that number is."""
    return FIRST_LEVEL + number % LEVELS


def images(count: int) -> Iterator[Image]:
    """So many images whose answers are known."""
    yield from map(image, range(count))


def image(number: int) -> Image:
    """The image of that number."""
    return Image(
        micrograph(level_of(number)),
        image_id=f"{number}",
        case_id=f"case {number // CASE}",
        pixel_size_nm=PIXEL_SIZE_NM,
    )


@dataclass
class Drive:
    """One job, driven by a client."""

    results: dict[str, MicrographResult] = field(default_factory=dict)
    cases: dict[str, CaseResult] = field(default_factory=dict)
    arrived_at: list[float] = field(default_factory=list)

    async def run(self, address: str, given: Iterable[Image] | AsyncIterable[Image]) -> None:
        """Sends the images and collects each result once, and that of each case."""
        async with AsyncDensaClient(address, PATIENT) as densa:
            async for result in densa.classify_cases(given):
                if isinstance(result, CaseResult):
                    assert result.case_id not in self.cases, "told twice"
                    self.cases[result.case_id] = result
                    continue
                assert result.image_id not in self.results, "told twice"
                self.results[result.image_id] = result
                self.arrived_at.append(time.monotonic())

    async def until(self, count: int) -> None:
        """Waits for so many results."""
        await until(lambda: len(self.results) >= count, limit=90)

    def check(self, count: int) -> None:
        """Every image has its own answer."""
        wrong = {
            image_id: result.error
            for image_id, result in self.results.items()
            if result.classification is None
            or result.classification.presence.probability
            != pytest.approx(presence(level_of(int(image_id))), abs=TOLERANCE)
        }
        assert wrong == {}
        assert len(self.results) == count
        self.check_cases(count)

    def check_cases(self, count: int) -> None:
        """Every case has its one answer, of all its images."""
        assert len(self.cases) == -(-count // CASE)
        for number in range(len(self.cases)):
            case = self.cases[f"case {number}"]
            held = range(number * CASE, min(count, (number + 1) * CASE))
            assert (case.final, case.images, case.failed) == (True, len(held), 0)
            assert case.presence is not None
            assert case.presence.probability == pytest.approx(
                presence(max(map(level_of, held))), abs=TOLERANCE
            )

    def silence_after(self, moment: float) -> float:
        """Seconds from a moment to the next result."""
        return next(at for at in self.arrived_at if at > moment) - moment


async def drive(
    address: str,
    breaking: Callable[[Drive], object],
    count: int = IMAGES,
    broken_after: int = BROKEN_AFTER,
) -> Drive:
    """A job, in the midst of which something is broken, in a thread of its own."""
    driven = Drive()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(driven.run(address, images(count)))
        await driven.until(broken_after)
        await asyncio.to_thread(breaking, driven)
    return driven


async def check_nothing_is_left(client: redis.Redis, store: Path) -> None:
    """No image, lease, count or wake-up is left of jobs that are done, and of jobs that are
    deleted no key.
    """
    await until(lambda: not [path for path in store.rglob("*") if path.is_file()], limit=60)
    assert client.hgetall(keys.LOAD) == {}
    assert client.zcard(keys.LEASES) == 0
    assert client.keys("densa:lane:*") == []
    assert client.hgetall("densa:submitters") == {}
    for name in client.scan_iter("densa:job:*:results"):
        results = cast("list[tuple[bytes, object]]", client.xrange(name))
        entries = [entry for entry, _ in results]
        assert entries == [b"%d-0" % n for n in range(1, len(entries) + 1)]
    forget = client.register_script(script("forget"))
    for job in cast("list[bytes]", client.zrange(keys.EXPIRY, 0, -1)):
        forget(args=[job])
    names = {name.decode() for name in client.scan_iter("densa:*")}
    left = {name for name in names - LASTING_KEYS if not name.startswith(FLEETING_KEYS)}
    assert left == set()


def decoders_of(pid: int) -> list[psutil.Process]:
    """The processes that read images for a worker: they must not outlive it."""
    return psutil.Process(pid).children(recursive=True)


async def check_all_ended(processes: list[psutil.Process]) -> None:
    """None of them runs any more."""
    await until(lambda: not [one for one in processes if _runs(one)])


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
