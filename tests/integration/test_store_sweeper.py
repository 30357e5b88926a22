"""Pixels of jobs that are gone or done do not stay; those that somebody needs do."""

import os
import time
from pathlib import Path

import pytest
import redis.asyncio

from services.common import keys
from services.common.directory_store import DirectoryImageStore
from services.common.errors import Unavailable
from services.common.image_store import image_key
from services.gateway.store_sweeper import StoreSweeper
from tests.integration.queue_world import QueueWorld
from tests.redis_server import RedisServer

AGE = 600.0


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_only_old_pixels_of_jobs_that_are_gone_or_done_are_removed(
    queue: QueueWorld, clean_redis: RedisServer, tmp_path: Path
) -> None:
    # Given
    store = DirectoryImageStore(tmp_path)
    done, gone, half = [await queue.accept(2) for _ in range(3)]
    queue.finish([*done, half[0]])
    await queue.registry.delete(gone[0].job)
    for job in (done, gone, half):
        for image in job:
            store.put(image_key(image.job, image.image_id, "d" * 64), b"old")
    (tmp_path / "00" / ".x.1.part").write_bytes(b"half an image")
    for path in _files(tmp_path):
        os.utime(path, (1, 1))
    store.put(image_key("f" * 32, "young", "d" * 64), b"not registered yet")
    async with redis.asyncio.Redis.from_url(clean_redis.url) as client:
        # When
        removed = await StoreSweeper(client, store, AGE).sweep()

    # Then
    kept = {path.name.partition(".")[0] for path in _files(tmp_path)}
    assert (removed, kept) == (4, {half[0].job, "f" * 32})
    assert len(_files(tmp_path)) == 3


async def test_a_store_that_is_away_is_not_swept(clean_redis: RedisServer, tmp_path: Path) -> None:
    # Given
    store = DirectoryImageStore(tmp_path / "store")
    (tmp_path / "store").rename(tmp_path / "away")

    # Then
    async with redis.asyncio.Redis.from_url(clean_redis.url) as client:
        with pytest.raises(Unavailable):
            await StoreSweeper(client, store, AGE).sweep()


async def test_retained_images_stay_for_their_days_while_their_job_does(
    queue: QueueWorld, clean_redis: RedisServer, tmp_path: Path
) -> None:
    # Given: images of an hour and of three days, of jobs that are done and of one that is gone
    store, day = DirectoryImageStore(tmp_path), 86_400.0
    recent, old, gone = [await queue.accept(1) for _ in range(3)]
    queue.finish([*recent, *old, *gone])
    await queue.registry.delete(gone[0].job)
    for (image,), age in ((recent, 3600), (old, 3 * day), (gone, 3600)):
        key = image_key(image.job, image.image_id, "d" * 64)
        store.put(key, b"pixels")
        (path,) = [path for path in _files(tmp_path) if path.name == key]
        os.utime(path, (time.time() - age, time.time() - age))
    async with redis.asyncio.Redis.from_url(clean_redis.url) as client:
        sweeper = StoreSweeper(client, store, AGE, retain_seconds=2 * day)

        # When: a backup is being taken, then not any more
        await client.set(keys.HOLD, "backup")
        held = await sweeper.sweep()
        await client.delete(keys.HOLD)
        removed = await sweeper.sweep()

    # Then
    assert (held, removed) == (0, 2)
    assert [path.name.partition(".")[0] for path in _files(tmp_path)] == [recent[0].job]
