"""`python -m services.web.copy`: what the page keeps, as it is at one moment, as a tar on stdout.

The records first, then the files: an upload is on the disk before it is in the records, so that
every image of the copy has its file. Previews are made again.
"""

import contextlib
import sqlite3
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import BinaryIO

from services.web.settings import WebSettings


def copy(data: Path, out: BinaryIO) -> None:
    """Writes the tar of a page's directory, while the page works."""
    with (
        tempfile.TemporaryDirectory(dir=data) as folder,
        tarfile.open(fileobj=out, mode="w|") as tar,
    ):
        records = Path(folder) / "page.sqlite"
        with contextlib.closing(sqlite3.connect(data / "page.sqlite")) as database:
            database.execute("VACUUM INTO ?", (str(records),))
        tar.add(records, "page.sqlite")
        tar.add(data / "images", "images", recursive=False)
        for image in sorted((data / "images").iterdir()):
            if image.suffix != ".part":
                with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                    tar.add(image, f"images/{image.name}")


def main() -> int:
    """Copies the page of the settings; 1 where there is none."""
    data = WebSettings().data
    if not (data / "page.sqlite").is_file():
        sys.stderr.write(f"{data} holds no page: it has no page.sqlite.\n")
        return 1
    copy(data, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
