"""From the bytes of a micrograph to windows and findings: all that happens before the model."""

import math
import time
from dataclasses import replace

from services.common.classification import Finding, InputSummary, PixelSizeSource
from services.common.errors import InvalidRequest
from services.inference import quality
from services.inference.classifier import PreparedImage
from services.inference.decoding import DecodedImage, DecodeLimits, decode
from services.inference.formats.raster import LARGEST_PIXEL_NM, SMALLEST_PIXEL_NM, Header
from services.inference.preprocessing import (
    MAX_WINDOWS,
    Box,
    ModelInput,
    Windows,
    assumed_pixel_size,
    model_scale,
    whole_blocks,
    windows,
)


def prepare_image(
    image: bytes,
    pixel_size_nm: float | None,
    model_input: ModelInput,
    limits: DecodeLimits,
    max_windows: int = MAX_WINDOWS,
) -> PreparedImage:
    """Decode `image`, look at its quality and cut it into windows.

    `pixel_size_nm` is what the sender says; it goes before what the file says.
    Raises InvalidImage, or InvalidRequest for an impossible pixel size.
    """
    started = time.perf_counter()
    check_pixel_size(pixel_size_nm)
    decoded = decode(image, limits, lambda header: _reduction(header, pixel_size_nm, model_input))
    known = _known_pixel_size(decoded.header, pixel_size_nm)
    per_field_pixel = known * decoded.reduction if known is not None else None
    cut = windows(decoded.field, per_field_pixel, model_input, max_windows)
    cut = _in_file_pixels(cut, decoded.reduction)
    summary = _summary(decoded, cut, pixel_size_nm)
    findings = _findings(decoded, summary, model_input)
    return PreparedImage(
        windows=cut,
        summary=summary,
        findings=findings,
        decode_seconds=time.perf_counter() - started,
        pixel_size_tag=decoded.header.scale.tag if decoded.header.scale else "",
    )


def check_pixel_size(pixel_size_nm: float | None) -> None:
    """Raise InvalidRequest where no micrograph of tissue can have this pixel size."""
    if pixel_size_nm is None:
        return
    if math.isnan(pixel_size_nm) or not SMALLEST_PIXEL_NM <= pixel_size_nm <= LARGEST_PIXEL_NM:
        raise InvalidRequest(
            f"A pixel size of {pixel_size_nm} nm is not one of an electron micrograph of tissue; "
            f"expected {SMALLEST_PIXEL_NM} to {LARGEST_PIXEL_NM:.0f} nm, or none.",
            reason="INVALID_PIXEL_SIZE",
            field="pixel_size_nm",
        )


def _known_pixel_size(header: Header, requested: float | None) -> float | None:
    if requested is not None:
        return requested
    return header.scale.pixel_size_nm if header.scale else None


def _reduction(header: Header, requested: float | None, model_input: ModelInput) -> int:
    """How much a JPEG may shrink while it decodes, by the rule that resampling follows."""
    known = _known_pixel_size(header, requested)
    width, height = header.width, header.height
    used = known or assumed_pixel_size(width, height, model_input)
    return whole_blocks(width, height, model_scale(width, height, used, model_input))


def _in_file_pixels(cut: Windows, reduction: float) -> Windows:
    """`cut` in pixels of the file, where it is in pixels of a field reduced while decoding."""
    boxes = tuple(
        Box(
            box.left * reduction,
            box.top * reduction,
            box.width * reduction,
            box.height * reduction,
        )
        for box in cut.boxes
    )
    return replace(cut, boxes=boxes, pixel_size_nm=cut.pixel_size_nm / reduction)


def _summary(decoded: DecodedImage, cut: Windows, requested: float | None) -> InputSummary:
    header = decoded.header
    if requested is not None:
        source = PixelSizeSource.REQUEST
    else:
        source = PixelSizeSource.ASSUMED if cut.assumed else PixelSizeSource.FILE
    return InputSummary(
        format=header.format,
        width=header.width,
        height=header.height,
        bit_depth=header.bit_depth,
        color=header.color,
        pages=header.pages,
        pixel_size_nm=cut.pixel_size_nm,
        pixel_size_source=source,
        analysed_height=decoded.analysed_height,
        windows=len(cut.boxes),
    )


def _findings(
    decoded: DecodedImage, summary: InputSummary, model_input: ModelInput
) -> tuple[Finding, ...]:
    pixel, assumed = summary.pixel_size_nm, summary.pixel_size_source is PixelSizeSource.ASSUMED
    width, height = summary.width, summary.analysed_height
    return (
        *quality.look_at_size(width, height, pixel, model_input),
        *quality.look_at_grey(decoded.field, decoded.levels),
        *quality.look_at_scale(max(width, height) * pixel, assumed=assumed),
        *quality.look_at_pages(summary.pages),
        *quality.look_at_banner(summary.height, height),
        *quality.look_at_colour(decoded.coloured),
    )
