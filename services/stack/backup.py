"""A backup of a stack that runs: what Redis holds, and the image store, so that they fit.

The order is what matters. An image is in the store before Redis knows of it, and leaves the
store after Redis has its result. So first the workers are asked to let go of no image
(HOLD), then Redis is taken as it is at one moment, then the store: every image that had no
result at that moment is still there. The other way round, images accepted in between would
be in Redis and not in the store; and without the hold, images finished in between would.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.stack.data_directory import DataDirectory
from services.stack.errors import StackError
from services.stack.page_backup import back_up_page
from services.stack.running_redis import RedisCli

HOLD = "densa:hold"
"""Key that asks workers and gateways to let go of no image: services/common/keys.py."""

HOLD_SECONDS = 6 * 3600
"""After which a hold ends by itself, should the backup have been killed."""

HELD_SECONDS = 30.0
"""How long workers may take to say that they hold."""

POLL_SECONDS = 0.2

REDIS, IMAGES, PAGE = "redis.rdb", "images", "page"
"""What a backup consists of; the page where there is one."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What was backed up."""

    images: int
    seconds: float
    page_images: int | None = None
    """Of the page; None where there is none."""


def back_up(data: DataDirectory, target: Path, say: Callable[[str], None]) -> Backup:
    """Copies what the stack on `data` holds into the new directory `target`.

    Raises StackError: no stack runs there, or something cannot be read or written.
    """
    if not data.socket.exists():
        raise StackError(
            f"No stack runs on {data.path}. What stands still needs no care: copy the directory "
            "as it is, for example with cp -a."
        )
    began, partial = time.monotonic(), target.with_name(f".{target.name}.partial")
    if target.exists():
        raise StackError(f"{target} exists: name a new directory for each backup.")
    redis = RedisCli(data.socket)
    try:
        partial.mkdir(parents=True, mode=0o700)
        with _held(redis):
            redis.snapshot(partial / REDIS)
            say("Redis is copied; now the images, which all workers hold.")
            count = _copy(data.images, partial / IMAGES)
        page_images = back_up_page(data.page, partial / PAGE)
        partial.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise StackError(f"The backup cannot be written to {target}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Backup(count, time.monotonic() - began, page_images)


@contextmanager
def _held(redis: RedisCli) -> Iterator[None]:
    """No image is let go of, for as long as the context lasts."""
    redis.ask("SET", HOLD, "backup", "EX", str(HOLD_SECONDS))
    try:
        end = time.monotonic() + HELD_SECONDS
        while deaf := _deaf(redis):
            if time.monotonic() > end:
                raise StackError(
                    f"{', '.join(deaf)} did not say in {HELD_SECONDS:.0f} s that images are held. "
                    "Is that worker of an older version? Restart it, and try again."
                )
            time.sleep(POLL_SECONDS)
        yield
    finally:
        redis.ask("DEL", HOLD)


def _deaf(redis: RedisCli) -> list[str]:
    """Workers that have not said that they hold."""
    reports = [
        json.loads(line) for line in redis.ask("HVALS", "densa:workers").splitlines() if line
    ]
    now = float(redis.ask("TIME").splitlines()[0])
    fresh = [report for report in reports if now - report["seen_at"] < HELD_SECONDS / 3]
    return [report["name"] for report in fresh if not report.get("holding")]


def _copy(images: Path, target: Path) -> int:
    """Copies the store file by file; what goes meanwhile had its result long before."""
    count = 0
    for shard in sorted(images.iterdir()):
        (target / shard.name).mkdir(parents=True)
        for image in shard.iterdir():
            try:
                shutil.copy2(image, target / shard.name / image.name)
            except FileNotFoundError:
                continue
            count += not image.name.startswith(".")
    return count
