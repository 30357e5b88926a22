"""Micrographs for tests: a grey texture like a section's, and the files it comes in."""

import io
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

Pixels = NDArray[Any]


def draw_texture(height: int = 256, width: int = 320, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth structure of all greys with fine grain, [height, width]; the same for each seed."""
    rng = np.random.default_rng(seed)
    grid = rng.normal(0, 60, (16, 16)).astype(np.float32)
    coarse = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 24, (height, width)).astype(np.float32)
    fine = cv2.GaussianBlur(grain, (3, 3), 0)
    return np.asarray(np.clip(128 + coarse + fine, 0, 255), np.uint8)


def jpeg_bytes(pixels: Pixels, quality: int = 92) -> bytes:
    """A JPEG of [H,W] grey or [H,W,3] RGB."""
    return _encode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])


def png_bytes(pixels: Pixels) -> bytes:
    """A PNG of [H,W] grey, [H,W,3] RGB or [H,W,4] RGBA, 8 or 16 bits."""
    return _encode(".png", pixels, [])


def tiff_bytes(pixels: Pixels, **options: Any) -> bytes:
    """A TIFF as `tifffile.imwrite` makes it with `options`."""
    file = io.BytesIO()
    options.setdefault("metadata", None)
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def _encode(extension: str, pixels: Pixels, options: list[int]) -> bytes:
    order = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, order[pixels.shape[2]])
    done, encoded = cv2.imencode(extension, pixels, options)
    assert done
    return encoded.tobytes()
