"""Micrographs whose answer is known: the tiny bundle says how bright an image is."""

import functools

import cv2
import numpy as np

from tests.bundles import PIXEL_SIZE_NM, SIZE, TINY_SHARES

TOLERANCE = 1e-4
"""Of a probability: sums of float32. One grey level is forty times as much."""

__all__ = ["PIXEL_SIZE_NM", "TINY_SHARES", "TOLERANCE", "micrograph", "presence"]


@functools.cache
def micrograph(level: int, windows: int = 1) -> bytes:
    """A PNG of so many windows, squared, that is `level` bright on the average, from 3 to 252.

    Blank, as its greys would be standardised otherwise, and its level with them.
    """
    pixels = np.full((windows * SIZE, windows * SIZE), level, np.uint8)
    pixels[::2, ::2] += 3
    pixels[1::2, 1::2] -= 3
    return cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def presence(level: int) -> float:
    """The presence probability of `micrograph(level)`."""
    return level / 255
