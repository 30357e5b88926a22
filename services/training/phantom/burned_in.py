"""What software writes into an image or below it: scale bars, text boxes, the info bar."""

import cv2
import numpy as np

from services.training.phantom.microscope import Microscope
from services.training.phantom.texture import Floats, Labels

FONT = cv2.FONT_HERSHEY_SIMPLEX
BAR_NM = (500.0, 1000.0, 2000.0, 5000.0)


def burn_in(
    rng: np.random.Generator, image: Floats, mask: Labels, pixel_size_nm: float, magnification: int
) -> None:
    """A scale bar with its length, dark or light, and sometimes a white text box, in place.

    What they cover of a deposit is taken out of `mask`.
    """
    height, width = image.shape
    before = image.copy()
    scale = max(height, width) / 1100.0
    ink = 0.0 if rng.random() < 0.6 else 1.0
    bar_nm, length = _bar(width, pixel_size_nm)
    x, y = int(rng.choice([0.02, 0.7]) * width), int(0.96 * height)
    thick = max(1, round(4 * scale))
    cv2.rectangle(image, (x, y), (x + length, y + thick), ink, -1)
    _write(image, _micrometres(bar_nm), (x, y - 2 * thick), 0.8 * scale, ink)
    if rng.random() < 0.5:
        left, top = int(rng.uniform(0.30, 0.40) * width), int(0.93 * height)
        cv2.rectangle(image, (left, top), (left + int(0.3 * width), y), 1.0, -1)
        _write(image, f"Mag {magnification}x", (left + 3, y - 3), 0.7 * scale, 0.0)
    mask[image != before] = 0


def banner(
    rng: np.random.Generator, width: int, pixel_size_nm: float, microscope: Microscope
) -> Floats:
    """An info bar [H, W] to go below an image: black or white, with bar and text, no names."""
    height = max(24, round(width * rng.uniform(0.06, 0.12)))
    paper = float(rng.choice([0.0, 1.0]))
    below = np.full((height, width), paper, np.float32)
    bar_nm, length = _bar(width, pixel_size_nm)
    scale = height / 110.0
    edge = round(0.25 * height)
    cv2.rectangle(
        below, (edge, round(0.62 * height)), (edge + length, round(0.7 * height)), 1 - paper, -1
    )
    _write(below, _micrometres(bar_nm), (edge, round(0.5 * height)), scale, 1 - paper)
    text = f"HV={int(rng.choice([60, 80, 100]))}kV  Direct Mag: {microscope.magnification}x"
    _write(below, text, (round(0.4 * width), round(0.6 * height)), 0.8 * scale, 1 - paper)
    return below


def _bar(width: int, pixel_size_nm: float) -> tuple[float, int]:
    """The longest usual bar that takes at most a third of the width: its nm and its pixels."""
    fitting = [size for size in BAR_NM if size / pixel_size_nm <= width / 3]
    length = fitting[-1] if fitting else BAR_NM[0]
    return length, max(1, round(length / pixel_size_nm))


def _micrometres(size_nm: float) -> str:
    return f"{size_nm / 1000:g} um"


def _write(image: Floats, text: str, at: tuple[int, int], scale: float, ink: float) -> None:
    # OpenCV writes into 8-bit images only.
    stencil = np.zeros(image.shape, np.uint8)
    cv2.putText(stencil, text, at, FONT, scale, 255, max(1, round(1.8 * scale)))
    written = stencil > 0
    image[written] += (ink - image[written]) * (stencil[written].astype(np.float32) / 255.0)
