"""What is wrong with the files that a manifest lists: unreadable, of another size, listed twice.

The decoded field is compared, not the file: a copy in another lossless format is a copy.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from services.common.errors import InvalidImage
from services.inference.decoding import DecodeLimits, decode
from services.inference.onnx_model import usable_cores
from services.training.manifest import LOCATIONS, Record

Progress = Callable[[int, int], object]
"""Is told how many files of how many were looked at."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A record and where the manifest lists it."""

    where: str
    record: Record


def check_contents(
    listed: Sequence[Listed], progress: Progress
) -> tuple[list[str], dict[Path, str]]:
    """Read every image and mask that is there, on all cores: problems, and each image's digest.

    An image is read even where its mask is missing, and a mask where its image is.
    """
    problems: list[str] = []
    digests: dict[Path, str] = {}
    same: dict[str, list[Listed]] = defaultdict(list)
    with ThreadPoolExecutor(usable_cores()) as pool:
        looks = pool.map(_look, [each.record for each in listed])
        for number, (each, (digest, found)) in enumerate(zip(listed, looks, strict=True), 1):
            problems += [f"{each.where}: {problem}" for problem in found]
            digests[each.record.path] = digest
            if digest:
                same[digest].append(each)
            progress(number, len(listed))
    for copies in same.values():
        problems += _conflicts(copies)
    return problems, digests


def _look(record: Record) -> tuple[str, list[str]]:
    """Digest of the decoded image, empty where it cannot be read, and what is wrong."""
    digest, size, found = "", None, []
    try:
        if record.path.is_file():
            image = decode(record.path.read_bytes(), DecodeLimits())
            digest, size = _digest(image.field), (image.header.height, image.header.width)
    except OSError as error:
        found.append(f"{record.path} cannot be read: {error.strerror}; check its permissions")
    except InvalidImage as error:
        found.append(f"{record.path} cannot be read: {error.message}")
    if record.mask is not None and record.mask.is_file():
        found += _mask_problems(record.mask, size)
    return digest, found


def _digest(field: NDArray[np.uint8]) -> str:
    height, width = field.shape
    return hashlib.sha256(f"{width}x{height}:".encode() + field.tobytes()).hexdigest()


def _mask_problems(mask: Path, size: tuple[int, int] | None) -> Iterator[str]:
    """What is wrong with a mask; `size` is its micrograph's height and width, where known."""
    read = cv2.imread(str(mask), cv2.IMREAD_UNCHANGED)
    if read is None:
        yield f"the mask {mask} is no readable image; write it as an 8-bit grey PNG"
    elif read.ndim != 2 or read.dtype.itemsize != 1:
        yield f"the mask {mask} is not 8-bit grey; write it as an 8-bit grey PNG"
    elif size is not None and read.shape != size:
        yield (
            f"the mask {mask} has {read.shape[1]} x {read.shape[0]} pixels, its micrograph "
            f"{size[1]} x {size[0]}; they must be the same"
        )
    elif int(read.max()) > len(LOCATIONS):
        yield (
            f"the mask {mask} has the value {int(read.max())}; expected 0 for none, or 1 to "
            f"{len(LOCATIONS)} for {', '.join(LOCATIONS)}"
        )


def _conflicts(copies: Sequence[Listed]) -> Iterator[str]:
    """One image listed several times must be of one patient, one side of the split, one truth."""
    records = [copy.record for copy in copies]
    places = ", ".join(f"{copy.where}: {copy.record.path}" for copy in copies)
    if len({record.patient for record in records}) > 1:
        patients = ", ".join(sorted({record.patient for record in records}))
        yield f"the same image under several patients ({patients}) in {places}; keep one"
    if len({record.split for record in records}) > 1:
        yield f"the same image on several sides of the split in {places}; keep one"
    if len({record.labels for record in records}) > 1:
        yield f"the same image with different labels in {places}; keep the right one"
