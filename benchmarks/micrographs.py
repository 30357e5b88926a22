"""The images of a benchmark: drawn, deterministic, of the size and weight of real micrographs."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

FORMATS = ("jpeg", "tiff")

SIDE = 1024
"""Pixels per side."""

PIXEL_SIZE_NM = 10.0625
"""At this pixel size the field fills one window of the model, as at a usual magnification."""

POOL = 32
"""Different images; more than one micro-batch, fewer than fill the caches of a disk."""

_JPEG_QUALITY = 80
"""With the grain below it makes files of about 200 KB."""

_STRUCTURE = ((6, 30.0), (24, 22.0), (96, 14.0))
"""Blobs per side and their contrast in grey levels: cells, organelles, texture."""

_GRAIN = 10.0
"""Standard deviation of the fine noise in grey levels."""


def draw_field(seed: int) -> NDArray[np.float32]:
    """Structure of several scales with fine grain, [SIDE, SIDE], grey levels 0 to 255."""
    rng = np.random.default_rng(seed)
    field = np.full((SIDE, SIDE), 128.0, np.float32)
    for blobs, contrast in _STRUCTURE:
        coarse = rng.normal(0.0, 1.0, (blobs, blobs)).astype(np.float32)
        field += contrast * cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    noise = rng.normal(0.0, 1.0, (SIDE, SIDE)).astype(np.float32)
    grain = cv2.GaussianBlur(noise, (0, 0), 0.8)
    field += _GRAIN * grain / float(grain.std())
    return np.clip(field, 0.0, 255.0)


def as_jpeg(field: NDArray[np.float32]) -> bytes:
    """An 8-bit JPEG of about 200 KB."""
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    return bytes(cv2.imencode(".jpg", field.astype(np.uint8), options)[1])


def as_tiff(field: NDArray[np.float32]) -> bytes:
    """An uncompressed 16-bit TIFF of 2 MiB, using a part of the range as cameras do."""
    file = io.BytesIO()
    samples: NDArray[Any] = (field * 60.0 + 2000.0).astype(np.uint16)
    tifffile.imwrite(file, samples, metadata=None)
    return file.getvalue()


_WRITERS: dict[str, Callable[[NDArray[np.float32]], bytes]] = {"jpeg": as_jpeg, "tiff": as_tiff}


def write_pool(folder: Path, image_format: str, count: int = POOL) -> Path:
    """Draws `count` images of a format into a folder below `folder`, and returns it."""
    pool = folder / image_format
    pool.mkdir(parents=True)
    for seed in range(count):
        (pool / f"{seed:03d}").write_bytes(_WRITERS[image_format](draw_field(seed)))
    return pool


def read_pool(pool: Path) -> list[bytes]:
    """The images of a pool, always in the same order."""
    return [path.read_bytes() for path in sorted(pool.iterdir())]
