"""A backup under load, everything deleted, restored: every image has its one answer."""

import asyncio
from pathlib import Path

import pytest

from services.client import AsyncDensaClient
from tests.compose.load import under_load
from tests.compose.project import Project, run
from tests.faults.driving import Drive, images
from tests.integration.micrographs import micrograph
from tests.waiting import until_told

IMAGES = 250


async def test_a_backup_is_made_while_it_serves(project: Project, tmp_path: Path) -> None:
    # When
    target = tmp_path / "backup"
    await under_load(project.address, lambda: _script(project, "backup", target))

    # Then
    assert {path.name for path in target.iterdir()} == {"redis.rdb", "images.tar", "page.tar"}
    with pytest.raises(AssertionError, match="exists: name a new folder"):
        _script(project, "backup", target)
    with pytest.raises(AssertionError, match="Services run"):
        _script(project, "restore", target)


async def test_all_that_was_accepted_is_answered_after_everything_was_deleted(
    project: Project, tmp_path: Path
) -> None:
    # Given: a job whose images wait, for the workers do not work, and an image on the page
    drive, target = Drive(), tmp_path / "backup"
    project.compose("stop", "worker")
    running = asyncio.create_task(drive.run(project.address, images(IMAGES)))
    async with AsyncDensaClient(project.address) as densa:
        await until_told(lambda: _most_waiting(densa), lambda waiting: waiting >= IMAGES)
    name = await asyncio.to_thread(project.upload, micrograph(100))

    # When
    await asyncio.to_thread(_script, project, "backup", target)
    await asyncio.to_thread(project.compose, "down", "--volumes", "--timeout", "1")
    await asyncio.to_thread(_script, project, "restore", target)
    await asyncio.to_thread(project.up)

    # Then: the client, which has waited, has all of it
    await asyncio.wait_for(running, 120)
    drive.check(IMAGES)
    assert name in await asyncio.to_thread(project.shown)


async def _most_waiting(densa: AsyncDensaClient) -> int:
    return max([job.accepted - job.finished async for job in densa.jobs.list()], default=0)


def _script(project: Project, name: str, target: Path) -> None:
    run([f"deploy/{name}", str(target)], project.folder, COMPOSE_PROJECT_NAME=project.name)
