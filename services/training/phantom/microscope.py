"""Installations: what each microscope and its operators do to every image, and how they save it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Installation:
    """A microscope with its camera, as a lab has it.

    `constant_nm` is nm per pixel times nominal magnification: it differs 3.3-fold
    between installations (37,456 to 122,009 nm measured).
    """

    name: str
    constant_nm: float
    format: str
    """One of formats.FORMATS."""
    states_scale: bool
    """Whether its files say the pixel size."""
    knows_scale: bool = True
    """Whether the lab can tell the pixel size where the file does not."""
    labels: float = 0.0
    """Share of images with a scale bar or text box burned in."""
    banner: float = 0.0
    """Share of images with an info bar below."""
    stitched: float = 0.0
    """Share of images stitched from tiles."""


INSTALLATIONS = (
    Installation("camera-1", 37_456.0, "jpeg", states_scale=False, labels=0.9),
    Installation("camera-2", 63_508.0, "tiff-16", states_scale=True),
    Installation("camera-3", 69_711.0, "tiff-8", states_scale=True, labels=0.5),
    Installation("camera-4", 122_009.0, "tiff-8-amt", states_scale=True, banner=0.8),
    Installation("camera-5", 48_000.0, "png", states_scale=False),
    Installation("camera-6", 95_000.0, "tiff-16", states_scale=True, stitched=0.35),
    Installation("camera-7", 60_000.0, "jpeg", states_scale=False, knows_scale=False, banner=0.3),
    Installation("camera-8", 84_000.0, "png", states_scale=False, labels=0.2),
)
"""1-4 have the constants of real installations (two papers' image sets, a palette camera, an AMT
camera), the others lie between. Scales unknown to the lab are the exception."""

MAGNIFICATIONS = (4000, 5000, 6000, 8000)
"""Nominal: the published study states x4,000 to x8,000."""

FINEST_NM = min(one.constant_nm for one in INSTALLATIONS) / max(MAGNIFICATIONS)
"""The smallest edge of a pixel that any of them gives."""


@dataclass(frozen=True)
class Microscope:
    """One installation's habits while one patient's images were taken."""

    installation: Installation
    magnification: int
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
    noise_px: float
    """Width of the noise's grain in pixels: neighbours correlate by 0.23-0.72 (measured)."""

    @property
    def pixel_size_nm(self) -> float:
        """Edge of a pixel at the usual magnification."""
        return self.installation.constant_nm / self.magnification

    def respond(self, grey: ArrayLike) -> NDArray[np.float32]:
        """What a drawn grey (0 to 1) becomes in the image, without shading and noise."""
        curve = np.clip(np.asarray(grey, np.float32), 0.0, 1.0) ** np.float32(self.gamma)
        return np.asarray(self.dark + (self.bright - self.dark) * curve, dtype=np.float32)


def choose_microscope(rng: np.random.Generator) -> Microscope:
    """A random installation at a random setting, from flat and grey to hard black and white."""
    flat = rng.random() < 0.25
    dark = rng.uniform(0.15, 0.38) if flat else rng.uniform(0.0, 0.18)
    bright = rng.uniform(0.62, 0.85) if flat else rng.uniform(0.82, 1.0)
    return Microscope(
        installation=INSTALLATIONS[int(rng.integers(len(INSTALLATIONS)))],
        magnification=int(rng.choice(MAGNIFICATIONS)),
        dark=dark,
        bright=bright,
        gamma=float(np.exp(rng.uniform(-0.35, 0.35))),
        vignette=rng.uniform(0.0, 0.10),
        shading=rng.uniform(0.005, 0.035),
        blur_nm=rng.uniform(4.0, 30.0),
        # Measured on images of full range; a flat exposure has less signal and less noise.
        noise=rng.uniform(0.010, 0.045) * (bright - dark),
        noise_px=rng.uniform(0.3, 1.1),
    )
