"""Pictures that are no electron micrographs, drawn for tests, by name."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
SIZE = 640
"""Edge in pixels."""


def draw_noise(seed: int) -> Picture:
    """Grey, independent from pixel to pixel."""
    return np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE), np.uint8)


def draw_clouds(seed: int) -> Picture:
    """Noise of one coarseness, as of an empty, badly focused detector."""
    noise = np.random.default_rng(seed).normal(size=(SIZE, SIZE))
    smooth = cv2.GaussianBlur(noise, (0, 0), 12)
    return np.asarray(np.clip(128 + 48 * smooth / smooth.std(), 0, 255), np.uint8)


def draw_text(seed: int) -> Picture:
    """A scanned page: dark lines of letters on white."""
    rng = np.random.default_rng(seed)
    page = np.full((SIZE, SIZE), 250, np.uint8)
    for line in range(24, SIZE, 26):
        letters = "".join(chr(code) for code in rng.integers(97, 123, 34))
        cv2.putText(page, letters, (12, line), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 20, 1, cv2.LINE_AA)
    return page


def draw_stripes(seed: int) -> Picture:
    """A grating, as a test target or a fabric."""
    across = np.linspace(0, (20 + 8 * seed) * np.pi, SIZE)
    return np.asarray(np.tile(127 + 110 * np.sin(across), (SIZE, 1)), np.uint8)


def draw_gradient(seed: int) -> Picture:
    """From black to white, across or down."""
    ramp = np.tile(np.linspace(0, 255, SIZE), (SIZE, 1))
    return np.asarray(ramp if seed % 2 else ramp.T, np.uint8)


def draw_even(seed: int) -> Picture:
    """A blank frame: black, grey or white."""
    return np.full((SIZE, SIZE), (0, 128, 255)[seed % 3], np.uint8)


def draw_stained_section(seed: int) -> Picture:
    """Light microscopy in colour: blue nuclei on pink, [SIZE, SIZE, 3]."""
    rng = np.random.default_rng(seed)
    section = np.full((SIZE, SIZE, 3), (236, 178, 206), np.float64)
    section += 14 * cv2.GaussianBlur(rng.normal(size=(SIZE, SIZE, 1)), (0, 0), 3)[..., None]
    for x, y in rng.integers(0, SIZE, (120, 2)):
        axes = (int(rng.integers(7, 13)), int(rng.integers(6, 10)))
        cv2.ellipse(section, (int(x), int(y)), axes, 30.0, 0, 360, (92, 62, 140), -1)
    return np.asarray(np.clip(cv2.GaussianBlur(section, (0, 0), 1.5), 0, 255), np.uint8)


STRANGE: dict[str, Callable[[int], Picture]] = {
    "noise": draw_noise,
    "clouds": draw_clouds,
    "text": draw_text,
    "stripes": draw_stripes,
    "gradient": draw_gradient,
    "even": draw_even,
    "stained section": draw_stained_section,
}
