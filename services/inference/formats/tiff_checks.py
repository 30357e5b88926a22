"""What a TIFF claims, held against what is read here and against the bytes that are there."""

import math
from collections.abc import Sequence

from tifffile import TiffPage

from services.common.errors import InvalidImage
from services.inference.formats import jpeg

_UNCOMPRESSED, _JPEG = 1, 7
_COMPRESSIONS = {
    _UNCOMPRESSED: "none",
    5: "LZW",
    _JPEG: "JPEG",
    8: "Deflate",
    32773: "PackBits",
    32946: "Deflate",
}
_PHOTOMETRICS = {0: "WhiteIsZero", 1: "BlackIsZero", 2: "RGB", 3: "palette", 6: "YCbCr"}
_YCBCR, _PALETTE = 6, 3
_BITS = frozenset({8, 12, 16, 32, 64})


#: What tifffile takes from the tags unchecked; anything but one number each would be computed
#: with all the same, and a tuple times a width is a very long tuple.
_NUMBERS = (
    "imagewidth",
    "imagelength",
    "imagedepth",
    "tilewidth",
    "tilelength",
    "rowsperstrip",
    "samplesperpixel",
    "photometric",
    "compression",
    "planarconfig",
    "predictor",
)


def check_numbers(image: bytes, page: TiffPage) -> None:
    """Raise InvalidImage where a tag that describes the layout is not one positive number."""
    for name in _NUMBERS:
        value = getattr(page, name)
        if not isinstance(value, int) or value < 0:
            raise damaged(image, f"its {name} is {str(value)[:40]}")


def check_encoding(page: TiffPage) -> None:
    """Raise InvalidImage (UNSUPPORTED_ENCODING) where `page` is stored in a way not read here."""
    photometric, compression = int(page.photometric), int(page.compression)
    bits = (
        set(page.bitspersample) if isinstance(page.bitspersample, tuple) else {page.bitspersample}
    )
    problem = None
    if photometric not in _PHOTOMETRICS:
        problem = f"colour space {photometric}"
    elif compression not in _COMPRESSIONS:
        problem = f"compression {compression}"
    elif photometric == _YCBCR and compression != _JPEG:
        problem = "YCbCr without JPEG compression"
    elif page.dtype is None or page.dtype.kind not in "uif" or not bits <= _BITS or len(bits) > 1:
        problem = f"samples of {' and '.join(map(str, sorted(bits)))} bits"
        problem += f" (sample format {page.sampleformat})"
    elif photometric == _PALETTE and (page.dtype.kind != "u" or page.samplesperpixel != 1):
        problem = "a palette of other than whole numbers"
    elif page.imagedepth != 1:
        problem = "a volume"
    if problem:
        raise InvalidImage(
            f"This TIFF holds {problem}, which is not read. Export the micrograph as 8-bit or "
            "16-bit grey, uncompressed or with LZW, Deflate, PackBits or JPEG compression.",
            reason="UNSUPPORTED_ENCODING",
        )


def check_segments(image: bytes, page: TiffPage) -> None:
    """Raise InvalidImage where the strips or tiles of `page` are not all in the file."""
    offsets, counts = page.dataoffsets, page.databytecounts
    expected = math.prod(page.chunked)
    if len(offsets) < expected or len(counts) < expected or 0 in counts[:expected]:
        raise damaged(image, f"{len(offsets)} of {expected} strips or tiles are listed")
    if any(at + count > len(image) for at, count in zip(offsets, counts, strict=False)):
        raise damaged(image, "its image data reach beyond the end of the file", truncated=True)
    if sum(counts[:expected]) > len(image):  # every tile the whole file: hours of copying
        raise damaged(image, "its strips or tiles overlap")
    if page.compression == _UNCOMPRESSED:
        needed = page.imagewidth * page.imagelength * page.samplesperpixel * _bits(page) // 8
        if sum(counts[:expected]) < needed:
            raise damaged(image, f"it needs {needed:,} bytes of image data", truncated=True)
    if page.compression == _JPEG:
        _check_jpeg_segments(image, page, offsets, counts)


def _bits(page: TiffPage) -> int:
    return page.bitspersample if isinstance(page.bitspersample, int) else page.bitspersample[0]


def _check_jpeg_segments(
    image: bytes, page: TiffPage, offsets: Sequence[int], counts: Sequence[int]
) -> None:
    """A strip names its own size once more; the decoder would believe it."""
    width = page.tilewidth if page.is_tiled else page.imagewidth
    height = page.tilelength if page.is_tiled else page.rowsperstrip
    for at, count in zip(offsets, counts, strict=False):
        frame, _ = jpeg.read_header(image[at : at + count])
        if frame.width > width or frame.height > height:
            raise damaged(image, f"a strip claims {frame.width} x {frame.height} pixels")


def damaged(image: bytes, detail: str, *, truncated: bool = False) -> InvalidImage:
    """The error for a TIFF that cannot be read; `detail` is for whoever made the file."""
    if truncated:
        return InvalidImage(
            f"The TIFF ends before its image does ({detail}; {len(image):,} bytes arrived). "
            "The file was probably cut off on its way; send it again.",
            reason="TRUNCATED_IMAGE",
        )
    return InvalidImage(
        f"The TIFF is damaged and cannot be decoded ({detail[:200]}). "
        "Export it again from the microscope.",
        reason="CORRUPT_IMAGE",
    )
