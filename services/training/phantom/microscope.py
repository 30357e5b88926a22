"""What the microscope and its camera do to a drawing: contrast, shading, focus, noise, labels."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.training.phantom.texture import Floats, smooth_noise


@dataclass(frozen=True)
class Microscope:
    """One installation's habits."""

    dark: float
    """Grey of black, 0 to 1."""
    bright: float
    """Grey of white, 0 to 1."""
    gamma: float
    vignette: float
    """How much darker the corners are than the centre."""
    shading: float
    """Deviation of the uneven staining, on the scale of micrometres."""
    blur_nm: float
    noise: float
    """Deviation of the noise in flat areas: 0.014-0.04 measured."""
    noise_nm: float
    """Correlation length of the noise: it is blurred, not white."""
    labels: bool
    """Whether it burns a scale bar or a text box into its images."""


def choose_microscope(rng: np.random.Generator) -> Microscope:
    """A random installation, from flat and grey to hard black and white."""
    flat = rng.random() < 0.3
    return Microscope(
        dark=rng.uniform(0.15, 0.38) if flat else rng.uniform(0.0, 0.18),
        bright=rng.uniform(0.62, 0.85) if flat else rng.uniform(0.82, 1.0),
        gamma=float(np.exp(rng.uniform(-0.35, 0.35))),
        vignette=rng.uniform(0.0, 0.18),
        shading=rng.uniform(0.005, 0.035),
        blur_nm=rng.uniform(4.0, 30.0),
        noise=rng.uniform(0.014, 0.045),
        noise_nm=rng.uniform(8.0, 30.0),
        labels=bool(rng.random() < 0.15),
    )


def photograph(
    rng: np.random.Generator, drawing: Floats, pixel_size_nm: float, microscope: Microscope
) -> NDArray[np.uint8]:
    """Turn a drawing [H, W] of greys 0..1 into an 8-bit image of the same size."""
    image = drawing + microscope.shading * smooth_noise(
        rng, (drawing.shape[0], drawing.shape[1]), 3500.0 / pixel_size_nm
    )
    blur = microscope.blur_nm / pixel_size_nm
    if blur > 0.3:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    image = np.clip(image, 0.0, 1.0) ** microscope.gamma
    image = image * _vignette(rng, image.shape, microscope.vignette)
    image = microscope.dark + (microscope.bright - microscope.dark) * image
    image = image + microscope.noise * _grain(rng, image.shape, microscope.noise_nm / pixel_size_nm)
    grey = np.clip(np.rint(image * 255.0), 0, 255).astype(np.uint8)
    if microscope.labels:
        _burn_in(rng, grey, pixel_size_nm)
    return grey


def _vignette(rng: np.random.Generator, shape: tuple[int, ...], strength: float) -> Floats:
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None] - rng.uniform(-0.3, 0.3)
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :] - rng.uniform(-0.3, 0.3)
    return np.asarray(1.0 - strength * np.clip(x * x + y * y, 0, 2) / 2, dtype=np.float32)


def _grain(rng: np.random.Generator, shape: tuple[int, ...], sigma_px: float) -> Floats:
    """Noise of deviation 1 whose neighbours are alike."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    if sigma_px > 0.3:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma_px), dtype=np.float32)
    return np.asarray(noise / max(float(noise.std()), 1e-6), dtype=np.float32)


def _burn_in(rng: np.random.Generator, image: NDArray[np.uint8], pixel_size_nm: float) -> None:
    """A scale bar with its length, dark or light, and sometimes a white text box."""
    height, width = image.shape
    scale = max(height, width) / 1100.0
    ink = 0 if rng.random() < 0.6 else 255
    length = int(2000.0 / pixel_size_nm)
    x, y = int(0.02 * width), int(0.96 * height)
    thick = max(1, round(4 * scale))
    cv2.rectangle(image, (x, y), (x + length, y + thick), ink, -1)
    pen = max(1, round(1.6 * scale))
    cv2.putText(image, "2 um", (x, y - thick), cv2.FONT_HERSHEY_SIMPLEX, 0.8 * scale, ink, pen)
    if rng.random() < 0.5:
        left, top = int(rng.uniform(0.35, 0.65) * width), int(0.93 * height)
        cv2.rectangle(image, (left, top), (left + int(0.3 * width), y), 255, -1)
        text = f"Mag {int(rng.integers(20, 90)) * 100}x"
        cv2.putText(image, text, (left + 3, y - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.7 * scale, 0, pen)
