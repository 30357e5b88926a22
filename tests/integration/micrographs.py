"""Micrographs whose answer is known: the tiny bundle says how bright an image is."""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inference.preprocessing import standardise
from tests.bundles import PIXEL_SIZE_NM, SIZE, TINY_SHARES

TOLERANCE = 1e-4
"""Of a probability: sums of float32. One grey level is forty times as much."""

__all__ = ["PIXEL_SIZE_NM", "TINY_SHARES", "TOLERANCE", "micrograph", "presence"]


@functools.cache
def _pixels(level: int) -> NDArray[np.uint8]:
    pixels = np.full((SIZE, SIZE), level, np.uint8)
    pixels[::2, ::2] += 10
    pixels[1::2, 1::2] -= 10
    # Darkest and brightest greys of their own: standardising treats all levels alike.
    pixels[:6], pixels[-6:] = 0, 255
    return pixels


@functools.cache
def micrograph(level: int) -> bytes:
    """A PNG of one window that is `level` bright on most of it, from 10 to 245."""
    return cv2.imencode(".png", _pixels(level), [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def presence(level: int) -> float:
    """The presence probability of `micrograph(level)`."""
    return float(standardise(_pixels(level)).mean()) / 255
