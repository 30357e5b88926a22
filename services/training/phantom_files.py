"""Drawn micrographs as the files that labs have; written whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from services.training.atomic import write_whole
from services.training.phantom import Field
from services.training.phantom.burned_in import banner
from services.training.phantom.microscope import Microscope
from services.training.phantom.texture import Floats

Pixels = NDArray[np.uint8] | NDArray[np.uint16]

AMT_TEXT = (
    "AMT Camera System\r01/01/26\r12:00\r{magnification}\rXpixCal={per_um:.6g}\r"
    "YpixCal={per_um:.6g}\rUnit=micron\r##fv3\r"
)
"""The text that AMT cameras put into TIFF tag 270; the scale is in pixels per micrometre."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A micrograph on its way into a file."""

    field: Field
    microscope: Microscope
    rng: np.random.Generator


def write_shot(shot: Shot, path_without_suffix: Path) -> tuple[Path, int]:
    """Write an image as its microscope's installation saves it; its path and its banner's rows.

    Raises StorageError.
    """
    installation = shot.microscope.installation
    exposure = shot.field.exposure
    rows = 0
    if shot.rng.random() < installation.banner:
        below = banner(shot.rng, exposure.shape[1], shot.field.pixel_size_nm, shot.microscope)
        exposure, rows = np.vstack([exposure, below]), len(below)
    suffix, write = FORMATS[installation.format]
    path = path_without_suffix.with_suffix(suffix)
    write_whole(path, lambda part: write(part, exposure, shot))
    return path, rows


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a grey image. Raises OSError where the file cannot be written."""
    _encode(path, image, [cv2.IMWRITE_PNG_COMPRESSION, 1], ".png")


def _encode(path: Path, image: NDArray[np.uint8], options: list[int], suffix: str) -> None:
    """Write what OpenCV makes of an image; its own writer keeps the reason of a failure back."""
    encoded, data = cv2.imencode(suffix, image, options)
    if not encoded:
        raise ValueError(f"OpenCV cannot encode {path} as {suffix}: check how it was built")
    path.write_bytes(data.tobytes())


def _grey(exposure: Floats) -> NDArray[np.uint8]:
    return np.asarray(np.rint(exposure * np.float32(255.0)), dtype=np.uint8)


def _png(path: Path, exposure: Floats, shot: Shot) -> None:
    del shot
    write_png(path, _grey(exposure))


def _jpeg(path: Path, exposure: Floats, shot: Shot) -> None:
    quality = int(shot.rng.integers(55, 93))
    _encode(path, _grey(exposure), [cv2.IMWRITE_JPEG_QUALITY, quality], ".jpg")


def _tiff_8(path: Path, exposure: Floats, shot: Shot) -> None:
    _tiff(path, _grey(exposure), shot.field.pixel_size_nm)


def _tiff_16(path: Path, exposure: Floats, shot: Shot) -> None:
    """Counts of a camera: an offset and a gain that fill 11 to 16 bits."""
    gain = float(2.0 ** shot.rng.uniform(11.0, 15.9))
    offset = shot.rng.uniform(0.0, 65_535.0 - gain) * 0.2
    counts = np.rint(exposure * np.float32(gain) + np.float32(offset)).astype(np.uint16)
    _tiff(path, counts, shot.field.pixel_size_nm)


def _tiff_amt(path: Path, exposure: Floats, shot: Shot) -> None:
    text = AMT_TEXT.format(
        magnification=shot.microscope.magnification, per_um=1000.0 / shot.field.pixel_size_nm
    )
    tifffile.imwrite(path, _grey(exposure), description=text, metadata=None, software=False)


def _tiff(path: Path, pixels: Pixels, pixel_size_nm: float) -> None:
    """Uncompressed, as cameras write it, with the resolution in pixels per centimetre."""
    per_centimetre = 1e7 / pixel_size_nm
    tifffile.imwrite(
        path,
        pixels,
        resolution=(per_centimetre, per_centimetre),
        resolutionunit="CENTIMETER",
        metadata=None,
        software=False,
    )


FORMATS: dict[str, tuple[str, Callable[[Path, Floats, Shot], None]]] = {
    "png": (".png", _png),
    "jpeg": (".jpg", _jpeg),
    "tiff-8": (".tif", _tiff_8),
    "tiff-8-amt": (".tif", _tiff_amt),
    "tiff-16": (".tif", _tiff_16),
}
"""Suffix and writer by the name that an installation uses."""
