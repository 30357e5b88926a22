"""What microscopes, cameras and file formats do to greys, at random: training images only."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]
Change = Callable[[np.random.Generator, Floats], Floats]


def degrade(rng: np.random.Generator, image: Grey) -> Grey:
    """`image` [H, W] with another focus, shading, contrast, noise, compression.

    Black stays darker than white. About 0.5 ms for 128 x 128 pixels.
    """
    grey: Floats = image.astype(np.float32) / np.float32(255.0)
    for share, change in CHANGES:
        if rng.random() < share:
            grey = change(rng, grey)
    changed = np.asarray(np.clip(np.rint(grey * 255.0), 0, 255), dtype=np.uint8)
    return _compress(rng, changed) if rng.random() < COMPRESSED else changed


def _blur(rng: np.random.Generator, grey: Floats) -> Floats:
    """Defocus."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), float(rng.uniform(0.4, 1.3))), np.float32)


def _sharpen(rng: np.random.Generator, grey: Floats) -> Floats:
    """What camera software does to please the eye."""
    blurred = cv2.GaussianBlur(grey, (0, 0), 1.0)
    return np.asarray(grey + np.float32(rng.uniform(0.2, 0.8)) * (grey - blurred), np.float32)


def _shade(rng: np.random.Generator, grey: Floats) -> Floats:
    """Uneven section or beam: a slope, and vignetting round a centre that may lie outside."""
    height, width = grey.shape
    y = np.linspace(-1.0, 1.0, height, dtype=np.float32)[:, None]
    x = np.linspace(-1.0, 1.0, width, dtype=np.float32)[None, :]
    a, b = rng.uniform(-0.12, 0.12, 2).astype(np.float32)
    centre = rng.uniform(-0.8, 0.8, 2).astype(np.float32)
    depth = np.float32(rng.uniform(0.0, 0.15))
    light = 1.0 + a * x + b * y - depth * ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / 2
    return np.asarray(grey * light, np.float32)


def _bend(rng: np.random.Generator, grey: Floats) -> Floats:
    """Gamma."""
    power = np.float32(np.exp(rng.uniform(-0.45, 0.45)))
    return np.asarray(np.clip(grey, 0.0, 1.0) ** power, np.float32)


def _contrast(rng: np.random.Generator, grey: Floats) -> Floats:
    """Contrast and brightness."""
    mean, gain = grey.mean(), np.float32(np.exp(rng.uniform(-0.3, 0.25)))
    changed = mean + (grey - mean) * gain + np.float32(rng.uniform(-0.08, 0.08))
    return np.asarray(changed, np.float32)


def _noise(rng: np.random.Generator, grey: Floats) -> Floats:
    """Mostly correlated, as in real micrographs (lag 1: 0.23 to 0.72; deviation 0.014 to 0.04)."""
    noise: Floats = rng.standard_normal(grey.shape, dtype=np.float32)
    if rng.random() < 0.7:
        smooth = cv2.GaussianBlur(noise, (0, 0), float(rng.uniform(0.5, 1.2)))
        noise = np.asarray(smooth / max(float(smooth.std()), 1e-6), np.float32)
    return np.asarray(grey + np.float32(rng.uniform(0.0, 0.045)) * noise, np.float32)


CHANGES: tuple[tuple[float, Change], ...] = (
    (0.35, _blur),
    (0.1, _sharpen),
    (0.3, _shade),
    (1.0, _bend),
    (1.0, _contrast),
    (0.5, _noise),
)
"""How often each is done, in this order: optics before the sensor."""
COMPRESSED = 0.2


def _compress(rng: np.random.Generator, image: Grey) -> Grey:
    """JPEG, there and back."""
    quality = [int(cv2.IMWRITE_JPEG_QUALITY), int(rng.integers(45, 96))]
    _, coded = cv2.imencode(".jpg", image, quality)
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
