"""Removes files that are no longer needed, from time to time."""

import asyncio
import logging
import sqlite3
import time
from pathlib import Path

from services.web.records import Records
from services.web.removals import remove_files

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0
LONGEST_UPLOAD_SECONDS = 86400.0
"""A file that no record knows of after so long is what a page left that was killed."""


async def sweep(records: Records, directories: tuple[Path, ...], days: float) -> None:
    """Old images' files and what was left over, every hour, until cancelled."""
    while True:
        try:
            await asyncio.to_thread(remove_left_over, directories, set(records.ids()))
            for image in records.older_than(time.time() - days * 86400):
                remove_files(directories, image)
        except (OSError, sqlite3.Error) as error:
            log.warning("Old files cannot be removed: %s", type(error).__name__)
        await asyncio.sleep(SWEEP_SECONDS)


def remove_left_over(directories: tuple[Path, ...], known: set[str]) -> None:
    """What is no known image's and nobody has written to for a day."""
    old = time.time() - LONGEST_UPLOAD_SECONDS
    for directory in directories:
        for path in directory.iterdir():
            needed = path.name.partition(".")[0] in known and path.suffix != ".part"
            if not needed and path.stat().st_mtime < old:
                path.unlink(missing_ok=True)
