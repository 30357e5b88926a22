"""From paths on a command line to the images to send: folders walked, ids made."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.client.images import Image, ImageIds

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff"})
"""What is taken from a folder, in any case. A file named explicitly is always tried."""


def find_images(
    paths: Sequence[Path],
    *,
    case_id: str = "",
    case_by_folder: bool = False,
    pixel_size_nm: float | None = None,
    heat_maps: tuple[str, ...] = (),
) -> list[Image]:
    """The images that paths stand for, in a fixed order.

    An image's id is its path from the folder that was named on, that folder's
    name included: the same wherever the folder lies, and never an absolute
    path. Names taken twice are numbered (`a.tif~2`). With `case_by_folder` the folder in that
    path is its case; a file that was named itself has the folder that it lies in.
    """
    ids = ImageIds()
    return [
        Image(
            file,
            image_id=ids.make(name),
            case_id=_folder(file, name) if case_by_folder else case_id,
            pixel_size_nm=pixel_size_nm,
            heat_maps=heat_maps,
        )
        for path in paths
        for file, name in _walk(path)
    ]


def _folder(file: Path, name: str) -> str:
    folder = Path(name).parent
    return str(folder) if folder.name else file.absolute().parent.name


def _walk(path: Path) -> Iterator[tuple[Path, str]]:
    """Each file below a path and its name. A path that is no folder is its own only file."""
    if not path.is_dir():
        yield path, path.name
        return
    top = path.resolve().name
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                file = Path(folder, name)
                yield file, str(Path(top, file.relative_to(path)))
