"""A backup of a stack in the middle of a job, everything destroyed, restored: nothing is lost."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.client import AsyncDensaClient
from services.client.images import Image
from services.client.options import ClientOptions
from services.client.results import MicrographResult
from services.common import keys
from services.stack.backup import HOLD, IMAGES, REDIS, back_up
from services.stack.data_directory import DataDirectory
from services.stack.errors import StackError
from services.stack.restore import restore
from tests.bundles import write_convolving_bundle
from tests.integration.micrographs import PIXEL_SIZE_NM, micrograph
from tests.stack_fixture import RealStack, real_stack
from tests.waiting import until, until_told

WINDOWS = 4
"""Edge of an image in windows: with a model that convolves so much work that images wait."""
SETTINGS = {"DENSA_INFERENCE_THREADS": "1", "DENSA_WORKER_BATCH_SIZE": "2"}
OPTIONS = ClientOptions(in_flight=60, reconnect_for=2, longest_silence=20)


def test_the_key_of_a_hold_is_the_same_for_who_sets_and_who_heeds_it() -> None:
    assert HOLD == keys.HOLD


def level(number: int) -> int:
    """How bright an image is."""
    return 20 + number % 200


class Sender:
    """A client with one job."""

    def __init__(self) -> None:
        self.results: list[MicrographResult] = []

    async def images(self) -> AsyncGenerator[Image, None]:
        """Images without end: some wait at any moment, however fast the worker is."""
        for number in itertools.count():
            yield Image(
                micrograph(level(number), WINDOWS), f"{number}", pixel_size_nm=PIXEL_SIZE_NM
            )

    async def run(self, address: str) -> None:
        """Sends, and collects results, until the service is gone."""
        async with AsyncDensaClient(address, OPTIONS) as densa:
            async for result in densa.classify_many(self.images()):
                self.results.append(result)


async def the_job(stack: RealStack) -> tuple[str, int, int]:
    """Name, accepted and finished of the one job."""
    async with AsyncDensaClient(stack.address) as densa:
        (job,) = [one async for one in densa.jobs.list()]
    return job.name, job.accepted, job.finished


async def test_a_job_goes_on_from_a_backup_that_was_taken_in_the_middle_of_it(
    tmp_path: Path,
) -> None:
    # Given: a job that is half sent and partly answered
    data, target = tmp_path / "data", tmp_path / "backup"
    bundle, sender = tmp_path / "bundle", Sender()
    write_convolving_bundle(bundle)
    with real_stack(bundle, data, settings=SETTINGS) as stack:
        running = asyncio.create_task(sender.run(stack.address))
        await until(lambda: len(sender.results) >= 5)

        # When: it is backed up, and images are answered between Redis's copy and the store's
        loop = asyncio.get_running_loop()

        async def some_are_answered() -> int:
            _, accepted, before = await the_job(stack)
            await until_told(lambda: the_job(stack), lambda found: found[2] >= before + 10)
            return accepted - before

        waiting: list[int] = []

        def say(_: str) -> None:
            waiting.append(asyncio.run_coroutine_threadsafe(some_are_answered(), loop).result())

        done = await asyncio.to_thread(back_up, DataDirectory(data), target, say)
        assert waiting[0] > 5
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        # Then: nobody else may have the directory
        with pytest.raises(StackError, match="already runs"):
            restore(target, DataDirectory(data))
    assert done.images == sum(path.is_file() for path in (target / IMAGES).rglob("*"))

    # When: everything is lost, and restored
    shutil.rmtree(data)
    restore(target, DataDirectory(data))
    with real_stack(bundle, data, settings=SETTINGS) as stack:
        name, accepted, _ = await the_job(stack)
        _, _, finished = await until_told(
            lambda: the_job(stack), lambda found: found[1] == found[2], limit=90
        )
        async with AsyncDensaClient(stack.address) as densa:
            told = [result async for result, _ in densa.jobs.watch(name)]
    results = [result for result in told if isinstance(result, MicrographResult)]

    # Then: what was accepted at the moment of the backup has one result each, and an answer
    assert accepted == finished == len(results) == len({one.image_id for one in results})
    assert accepted > 20
    assert [one.error for one in results if one.classification is None] == []


@pytest.mark.parametrize("kept", ["redis/appendonlydir", "page/page.sqlite"])
def test_a_directory_that_holds_something_is_not_restored_into(tmp_path: Path, kept: str) -> None:
    # Given
    backup, data = tmp_path / "backup", tmp_path / "data"
    (backup / IMAGES).mkdir(parents=True)
    (backup / REDIS).touch()
    (data / kept).mkdir(parents=True)

    # Then
    with pytest.raises(StackError, match="holds data already"):
        restore(backup, DataDirectory(data))


def test_what_is_no_backup_is_not_restored(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="is no backup"):
        restore(tmp_path, DataDirectory(tmp_path / "data"))


def test_a_stack_that_does_not_run_is_copied_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="No stack runs"):
        back_up(DataDirectory(tmp_path), tmp_path / "backup", print)
