"""What the microscope and its camera do to a drawing: focus, shading, contrast, noise."""

import cv2
import numpy as np

from services.training.phantom.microscope import Microscope
from services.training.phantom.texture import Floats, smooth_noise

LOW_CONTRAST = 0.45
"""An image whose white and black lie nearer than this share of the camera's range is flat."""


def expose(
    rng: np.random.Generator,
    drawing: Floats,
    pixel_size_nm: float,
    microscope: Microscope,
    artefacts: set[str],
) -> Floats:
    """Turn a drawing [H, W] of greys 0..1 into what the camera records, 0..1, of the same size.

    Adds the names of the artefacts of this image to `artefacts`.
    """
    shape = drawing.shape
    image = drawing + np.float32(microscope.shading) * smooth_noise(
        rng, shape, 3500.0 / pixel_size_nm
    )
    image = _focus(rng, image, pixel_size_nm, microscope, artefacts)
    if rng.random() < 0.04:
        image = _drift(rng, image)
        artefacts.add("drift")
    if rng.random() < 0.04:
        image += _charge(rng, shape, pixel_size_nm)
        artefacts.add("charging")
    strength = microscope.vignette
    if rng.random() < 0.08:
        strength = rng.uniform(0.2, 0.45)
        artefacts.add("vignetting")
    curve = cv2.pow(np.clip(image, 0.0, 1.0), microscope.gamma) * _vignette(rng, shape, strength)
    image = np.float32(microscope.bright - microscope.dark) * curve + np.float32(microscope.dark)
    if rng.random() < microscope.installation.stitched:
        image += _stitches(rng, shape)
        artefacts.add("stitching")
    image = image + np.float32(microscope.noise) * _grain(rng, shape, microscope.noise_px)
    if rng.random() < 0.04:
        _hot_pixels(rng, image)
        artefacts.add("hot-pixels")
    if microscope.bright - microscope.dark < LOW_CONTRAST:
        artefacts.add("low-contrast")
    return np.asarray(np.clip(image, 0.0, 1.0), dtype=np.float32)


def _focus(
    rng: np.random.Generator,
    image: Floats,
    pixel_size_nm: float,
    microscope: Microscope,
    artefacts: set[str],
) -> Floats:
    """The usual blur; out of focus it is wider, and edges get a bright or dark fringe."""
    blur_nm = microscope.blur_nm
    out = rng.random() < 0.06
    if out:
        blur_nm = rng.uniform(40.0, 90.0)
        artefacts.add("defocus")
    blur = blur_nm / pixel_size_nm
    if blur < 0.3:
        return image
    soft = cv2.GaussianBlur(image, (0, 0), blur)
    if out or rng.random() < 0.3:
        softer = cv2.GaussianBlur(soft, (0, 0), 2 * blur)
        fringe = float(rng.uniform(0.0, 0.6))
        soft = cv2.addWeighted(soft, 1.0 + fringe, softer, -fringe, 0.0)
    return np.asarray(soft, dtype=np.float32)


def _drift(rng: np.random.Generator, image: Floats) -> Floats:
    """The stage moved during the exposure: blur along one direction."""
    length = int(rng.integers(4, 12))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    middle = (length - 1) / 2
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    ends = [tuple(round(value) for value in middle + sign * reach) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), dtype=np.float32)


def _charge(rng: np.random.Generator, shape: tuple[int, ...], pixel_size_nm: float) -> Floats:
    """Charge gathers: a bright patch with streaks along the lines of the scan."""
    patch = np.clip(smooth_noise(rng, shape, 4000.0 / pixel_size_nm) - np.float32(1.0), 0.0, 1.0)
    lines = np.repeat(smooth_noise(rng, (shape[0], 1), 5.0), shape[1], axis=1)
    return np.asarray(np.float32(rng.uniform(0.1, 0.3)) * patch + 0.012 * lines, dtype=np.float32)


def _vignette(rng: np.random.Generator, shape: tuple[int, ...], strength: float) -> Floats:
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None] - np.float32(rng.uniform(-0.3, 0.3))
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :] - np.float32(rng.uniform(-0.3, 0.3))
    return np.asarray(1.0 - np.float32(strength / 2) * (x * x + y * y), dtype=np.float32)


def _stitches(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Four tiles of slightly different brightness; narrow bands where they meet."""
    row, column = (int(side * rng.uniform(0.25, 0.75)) for side in shape)
    steps = rng.normal(0.0, 0.015, 4).astype(np.float32)
    tiles = np.empty(shape, np.float32)
    tiles[:row, :column], tiles[:row, column:] = steps[0], steps[1]
    tiles[row:, :column], tiles[row:, column:] = steps[2], steps[3]
    seam = np.float32(rng.uniform(-0.08, 0.08))
    width = int(rng.integers(2, 9))
    tiles[row : row + width, :] += seam
    tiles[:, column : column + width] += seam
    return tiles


def _grain(rng: np.random.Generator, shape: tuple[int, ...], sigma_px: float) -> Floats:
    """Noise of deviation 1 whose neighbours are alike."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    if sigma_px > 0.25:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma_px), dtype=np.float32)
    return noise / np.float32(max(float(noise.std()), 1e-6))


def _hot_pixels(rng: np.random.Generator, image: Floats) -> None:
    """Pixels of the camera that are always bright, or dead."""
    count = int(rng.integers(3, 60))
    rows, columns = (rng.integers(0, side, count) for side in image.shape)
    image[rows, columns] = rng.choice(np.array([0.0, 1.0, 1.0], np.float32), count)
