"""What every format reader gives: a header, and the samples on demand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

#: Scales an electron micrograph of tissue can have, in nanometres per pixel. Outside of it a
#: resolution tag tells of printers and screens: 300 dpi are 84,667 nm.
SMALLEST_PIXEL_NM = 0.05
LARGEST_PIXEL_NM = 500.0

#: Samples of one image, any dtype: [H, W] or [H, W, channels].
Samples = NDArray[Any]


@dataclass(frozen=True, slots=True)
class FileScale:
    """The pixel size a file states."""

    pixel_size_nm: float
    """Edge of one pixel in nanometres."""
    tag: str
    """Where in the file it stands, for people."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about its first image before a pixel is decoded."""

    format: str
    """JPEG, PNG or TIFF."""
    width: int
    height: int
    bit_depth: int
    """Bits per sample."""
    color: str
    """grey, rgb or palette."""
    pages: int
    scale: FileScale | None
    decoded_bytes: int
    """Memory that the decoded samples will take."""


@dataclass(frozen=True, slots=True)
class OpenImage:
    """A file whose header was read."""

    header: Header
    read: Callable[[int], Samples]
    """Decodes the samples, each side reduced by at least 1 and at most the given factor
    (1, 2, 4 or 8) where the format can; raises InvalidImage."""
    in_colour: Callable[[], Samples] | None = None
    """Decodes a small copy in colour, [h, w, 3], where `read` gives only the grey of a file that
    may have some."""


def plausible(pixel_size_nm: float, tag: str) -> FileScale | None:
    """The scale, if it can be one of an electron micrograph."""
    if SMALLEST_PIXEL_NM <= pixel_size_nm <= LARGEST_PIXEL_NM:
        return FileScale(pixel_size_nm, tag)
    return None
