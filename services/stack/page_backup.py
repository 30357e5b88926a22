"""What the page keeps, in a backup: its database as it is at one moment, and the images it names.

In this order: an image is on the disk before the database knows of it. What is deleted in between
is missing, as it is afterwards anyway. Previews are made again.
"""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

DATABASE, IMAGES = "page.sqlite", "images"
"""In the page's directory: services/web/app.py."""


def back_up_page(page: Path, target: Path) -> int | None:
    """Copies into the new directory `target`, while the page works; how many images.

    None where there is no page.
    """
    if not (page / DATABASE).is_file():
        return None
    target.mkdir(mode=0o700)
    with (
        closing(sqlite3.connect(page / DATABASE)) as source,
        closing(sqlite3.connect(target / DATABASE)) as copy,
    ):
        source.backup(copy)
        names = [row[0] for row in copy.execute("SELECT id FROM images")]
    (target / IMAGES).mkdir(mode=0o700)
    for name in names:
        with suppress(FileNotFoundError):
            shutil.copy2(page / IMAGES / name, target / IMAGES / name)
    return len(names)


def restore_page(source: Path, page: Path) -> None:
    """Makes the page's directory hold what the backup does, where the backup has a page."""
    if not (source / DATABASE).is_file():
        return
    (page / IMAGES).mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copytree(source / IMAGES, page / IMAGES, dirs_exist_ok=True)
    shutil.copy2(source / DATABASE, page / DATABASE)
