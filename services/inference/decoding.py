"""From the bytes of a file to a grey field: the border where bad images are stopped.

Limits are checked against the header, before a pixel is decoded. Whatever goes
wrong inside a decoder leaves here as InvalidImage with a reason.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.common.errors import InvalidImage
from services.inference.banner import find_banner
from services.inference.formats import jpeg, png, tiff
from services.inference.formats.raster import Header, OpenImage
from services.inference.grey import coloured_share, luminance, to_grey, value_range

#: Smallest side that can be anything but a thumbnail or a mistake.
SMALLEST_SIDE = 32

_OPENERS: dict[bytes, Callable[[bytes], OpenImage]] = {
    jpeg.SIGNATURE: jpeg.open_image,
    png.SIGNATURE: png.open_image,
    **dict.fromkeys(tiff.SIGNATURES, tiff.open_image),
}

#: Says by what factor (1, 2, 4 or 8) a format may shrink an image while it decodes.
ChooseReduction = Callable[[Header], int]


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """How large an image may be."""

    max_pixels: int = 100_000_000
    """Width x height."""
    max_decoded_bytes: int = 512 * 1024 * 1024
    """Memory of the decoded samples."""


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """The field of a micrograph in grey."""

    header: Header
    """The file as it is, in its own pixels."""
    field: NDArray[np.uint8]
    """[h, w]: the image without its banner, perhaps reduced while decoding."""
    reduction: float
    """Pixels of the file per pixel of `field`."""
    analysed_height: int
    """Rows of the file that `field` shows; the rest is a banner."""
    levels: float | None
    """Values between black and white in a wider than 8-bit integer file; None for others."""
    coloured: float
    """Share of the image's pixels that are not grey."""


def full_size(header: Header) -> int:
    """Do not shrink while decoding."""
    del header
    return 1


def decode(
    image: bytes,
    limits: DecodeLimits,
    choose_reduction: ChooseReduction = full_size,
) -> DecodedImage:
    """Read the first image of a JPEG, PNG or TIFF. Raises InvalidImage and nothing else."""
    opened = _open(image)
    header = opened.header
    _check_limits(header, limits)
    read = opened.read(choose_reduction(header))
    coloured = coloured_share(opened.in_colour() if opened.in_colour else read)
    samples = luminance(read)
    del read  # three times as large
    banner = find_banner(samples)
    field = samples[:banner]
    low, high = value_range(field)
    reduction = header.width / samples.shape[1]
    whole = banner == samples.shape[0]
    return DecodedImage(
        header=header,
        field=to_grey(field, low, high),
        reduction=reduction,
        analysed_height=header.height if whole else round(banner * reduction),
        levels=high - low if samples.dtype.kind in "iu" and samples.dtype.itemsize > 1 else None,
        coloured=coloured,
    )


def _open(image: bytes) -> OpenImage:
    if not image:
        raise InvalidImage("The image is empty: no bytes arrived.", reason="EMPTY_IMAGE")
    for signature, open_image in _OPENERS.items():
        if image.startswith(signature):
            return open_image(image)
    raise InvalidImage(
        f"The file is not a JPEG, PNG or TIFF: it begins with {image[:8]!r}. "
        "Export the micrograph in one of these formats.",
        reason="UNSUPPORTED_FORMAT",
    )


def _check_limits(header: Header, limits: DecodeLimits) -> None:
    pixels = header.width * header.height
    size = f"{header.width:,} x {header.height:,} pixels"
    if pixels > limits.max_pixels:
        raise InvalidImage(
            f"The image is {size} ({pixels:,}); at most {limits.max_pixels:,} are read. "
            "Send a crop or a reduced copy.",
            reason="IMAGE_DIMENSIONS_TOO_LARGE",
        )
    if header.decoded_bytes > limits.max_decoded_bytes:
        raise InvalidImage(
            f"The image of {size} needs {header.decoded_bytes:,} bytes of memory; at most "
            f"{limits.max_decoded_bytes:,} are given to one. Send it as 8-bit or 16-bit grey.",
            reason="IMAGE_DIMENSIONS_TOO_LARGE",
        )
    if min(header.width, header.height) < SMALLEST_SIDE:
        raise InvalidImage(
            f"The image is {size}; at least {SMALLEST_SIDE} per side are needed. "
            "Was a thumbnail sent instead of the micrograph?",
            reason="IMAGE_DIMENSIONS_TOO_SMALL",
        )
