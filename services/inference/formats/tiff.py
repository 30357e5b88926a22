"""TIFF and BigTIFF: structure by tifffile, strips and tiles by imagecodecs.

A TIFF can claim anything, so everything it claims is held against the bytes
that are there before memory is asked for.
"""

import io
import logging
import struct
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from tifffile import TiffFile, TiffPage

from services.common.errors import InvalidImage
from services.inference.formats.raster import Header, OpenImage, Samples
from services.inference.formats.tiff_checks import (
    check_encoding,
    check_numbers,
    check_segments,
    damaged,
)
from services.inference.formats.tiff_scale import find_scale

# A line per odd tag is no help to anybody, and a hostile file has thousands; what matters of it
# is raised and becomes InvalidImage.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

T = TypeVar("T")

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

#: A file of more images than this is counted no further.
MOST_PAGES = 10_000

_WHITE_IS_ZERO, _RGB, _PALETTE, _YCBCR = 0, 2, 3, 6
_COLORS = {_RGB: "rgb", _PALETTE: "palette", _YCBCR: "rgb"}


def open_image(image: bytes) -> OpenImage:
    """Read the structure of a TIFF. Raises InvalidImage."""
    return _guarded(image, lambda: _open(image))


def _open(image: bytes) -> OpenImage:
    tiff, page = _first_page(image)
    check_numbers(image, page)
    check_encoding(page)
    bits = page.bitspersample
    header = Header(
        format="TIFF",
        width=page.imagewidth,
        height=page.imagelength,
        bit_depth=bits if isinstance(bits, int) else max(bits),
        color=_COLORS.get(int(page.photometric), "grey"),
        pages=_count_pages(image, tiff),
        scale=find_scale(page),
        decoded_bytes=_decoded_bytes(page),
    )
    return OpenImage(header, lambda _: _guarded(image, lambda: _read(image, page)))


def _guarded(image: bytes, step: Callable[[], T]) -> T:
    """The result of `step`; whatever a damaged file makes a decoder raise is one error.

    Too little memory is another matter: who gives it knows how much there was.
    """
    try:
        return step()
    except (InvalidImage, MemoryError):
        raise
    except Exception as error:
        raise damaged(image, str(error)) from error


def _first_page(image: bytes) -> tuple[TiffFile, TiffPage]:
    tiff = TiffFile(io.BytesIO(image))
    page = tiff.pages.first
    if not isinstance(page, TiffPage):  # a TiffFrame borrows the tags of another page
        raise damaged(image, "it has no first image")
    return tiff, page


def _decoded_bytes(page: TiffPage) -> int:
    """Memory for the samples, or for one tile where that is larger."""
    item = page.dtype.itemsize if page.dtype is not None else 8
    tile = page.tilewidth * page.tilelength if page.is_tiled else 0
    channels = 3 if page.photometric == _PALETTE else page.samplesperpixel
    return max(page.imagewidth * page.imagelength, tile) * channels * item


def _count_pages(image: bytes, tiff: TiffFile) -> int:
    """Images in the chain of directories; a chain that turns back or leaves the file ends there."""
    form = tiff.tiff
    seen: set[int] = set()
    try:
        (offset,) = struct.unpack_from(form.offsetformat, image, form.offsetsize)
        while offset and offset not in seen and len(seen) < MOST_PAGES:
            (tags,) = struct.unpack_from(form.tagnoformat, image, offset)
            seen.add(offset)
            after = offset + form.tagnosize + tags * form.tagsize
            (offset,) = struct.unpack_from(form.offsetformat, image, after)
    except (struct.error, OverflowError):  # the chain leads out of the file
        return max(1, len(seen))
    return max(1, len(seen))


def _read(image: bytes, page: TiffPage) -> Samples:
    check_segments(image, page)
    samples = np.asarray(page.asarray(maxworkers=1))
    if page.planarconfig == 2 and samples.ndim == 3:
        samples = np.moveaxis(samples, 0, -1)
    if samples.shape[:2] != (page.imagelength, page.imagewidth):
        raise damaged(image, f"its samples have the shape {samples.shape}")
    if page.photometric == _PALETTE:
        return _colored(samples, page)
    if page.photometric == _WHITE_IS_ZERO:
        samples = -samples if samples.dtype.kind == "f" else np.invert(samples)
    return samples


def _colored(samples: Samples, page: TiffPage) -> Samples:
    """The palette applied: RGB [H, W, 3] of 8 bits."""
    colormap = np.asarray(page.colormap)
    if colormap.ndim != 2 or colormap.shape[0] != 3 or int(samples.max()) >= colormap.shape[1]:
        raise damaged(b"", "its colour map does not fit its pixels")
    # The standard says 16 bits; some writers store 8.
    shift = 8 if int(colormap.max()) > 255 else 0
    return np.take((colormap >> shift).astype(np.uint8).T, samples, axis=0)
