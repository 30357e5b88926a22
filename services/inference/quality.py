"""What a reader of the probabilities should know about the input, with its numbers."""

import numpy as np
from numpy.typing import NDArray

from services.common.classification import Finding, FindingCode
from services.inference.grey import levels_at, thinned
from services.inference.preprocessing import ModelInput

#: Files below this many pixels per side were scaled down before they came here.
SMALL_SIDE = 224
#: A field below this share of what the model looks at leaves most of its input empty.
SMALL_FIELD = 0.5
#: Grey levels between the 1st and the 99th percentile (of 255): below, nothing can be seen.
BLANK_SPAN = 8
#: Below this span dense and less dense structures lie too close; ordinary fields have 100 or more.
LOW_SPAN = 48
#: Levels of a wider than 8-bit file that are stretched to 255; fewer show as bands.
LOW_LEVELS = 64
#: Share of pixels at pure black or pure white from which structure may be lost.
SATURATED_SHARE = 0.10

#: Share of coloured pixels from which an image is taken for no electron micrograph; arrows, letters
#: and a logo colour less.
COLOURED_SHARE = 0.20


def look_at_size(
    width: int, height: int, pixel_size_nm: float, model_input: ModelInput
) -> list[Finding]:
    """TOO_SMALL for a field of `width` x `height` pixels of the file."""
    if min(width, height) < SMALL_SIDE:
        return [
            Finding(
                FindingCode.TOO_SMALL,
                f"The image is {width} x {height} pixels; fine structure needs at least "
                f"{SMALL_SIDE} pixels per side. Send the original from the microscope.",
            )
        ]
    field_nm = max(width, height) * pixel_size_nm
    if field_nm < SMALL_FIELD * model_input.field_nm:
        return [
            Finding(
                FindingCode.TOO_SMALL,
                f"The field is {field_nm / 1000:.1f} µm wide; the model looks at "
                f"{model_input.field_nm / 1000:.1f} µm. A lower magnification shows it the "
                "surroundings it was trained with, if the pixel size is right.",
            )
        ]
    return []


def look_at_grey(grey: NDArray[np.uint8], levels: float | None) -> list[Finding]:
    """BLANK, LOW_CONTRAST and SATURATED for the field `grey` [H,W].

    `levels` is how many values of a wider than 8-bit file were mapped to `grey`.
    """
    sample = thinned(grey)
    low, high = levels_at(sample, 0.01, 0.99)
    span = high - low
    if span < BLANK_SPAN or (levels is not None and levels < BLANK_SPAN):
        return [
            Finding(
                FindingCode.BLANK,
                "The image is almost one even grey "
                f"({_levels(span, levels)} between its dark and bright parts): there is nothing "
                "to classify. Was the beam blanked, or the wrong file sent?",
            )
        ]
    findings = []
    if span < LOW_SPAN or (levels is not None and levels < LOW_LEVELS):
        findings.append(
            Finding(
                FindingCode.LOW_CONTRAST,
                f"Low contrast: {_levels(span, levels)} between the dark and bright parts. "
                "Deposits may not stand out; stretch the contrast or expose longer.",
            )
        )
    black, white = float((sample == 0).mean()), float((sample == 255).mean())
    if max(black, white) > SATURATED_SHARE:
        findings.append(
            Finding(
                FindingCode.SATURATED,
                f"{black:.0%} of the image is pure black and {white:.0%} pure white; detail "
                "there is lost (exposure, a hole in the section, or an overlay).",
            )
        )
    return findings


def look_at_scale(field_nm: float, *, assumed: bool) -> list[Finding]:
    """UNKNOWN_SCALE where the pixel size was assumed; `field_nm` is the assumed longer side."""
    if not assumed:
        return []
    return [
        Finding(
            FindingCode.UNKNOWN_SCALE,
            "Neither the request nor the file states the pixel size; the longer side was taken "
            f"to be {field_nm / 1000:.1f} µm. If it is not, the probabilities mean little: send "
            "the pixel size in nanometres.",
        )
    ]


def look_at_pages(pages: int) -> list[Finding]:
    """MULTI_PAGE where the file holds more images than the one that was read."""
    if pages == 1:
        return []
    return [
        Finding(
            FindingCode.MULTI_PAGE,
            f"The file holds {pages} images; only the first was classified. Send the others one "
            "by one.",
        )
    ]


def look_at_banner(height: int, analysed: int) -> list[Finding]:
    """BANNER where the lower part of the image was left out."""
    if analysed == height:
        return []
    return [
        Finding(
            FindingCode.BANNER,
            f"The lowest {height - analysed} of {height} rows are an information bar and were "
            "left out.",
        )
    ]


def look_at_colour(share: float) -> list[Finding]:
    """UNFAMILIAR where `share` of the pixels are coloured: electrons have no colour."""
    if share < COLOURED_SHARE:
        return []
    return [
        Finding(
            FindingCode.UNFAMILIAR,
            f"{100 * share:.0f} % of the image's pixels are coloured, and electron micrographs are "
            "grey: the probabilities mean nothing for light microscopy or a photograph. Send "
            "the original of a micrograph that was coloured or tinted.",
        )
    ]


def look_at_familiarity(score: float, threshold: float | None) -> list[Finding]:
    """UNFAMILIAR where the model's out-of-distribution `score` is above its `threshold`."""
    if threshold is None or score <= threshold:
        return []
    return [
        Finding(
            FindingCode.UNFAMILIAR,
            "The image does not look like the electron micrographs the model was trained on "
            f"(score {score:.2f}, expected at most {threshold:.2f}): the probabilities mean "
            "nothing if it is none. Otherwise check pixel size, focus and contrast.",
        )
    ]


def _levels(span: int, levels: float | None) -> str:
    if levels is not None and levels < LOW_LEVELS:
        return f"{levels:.0f} levels of the file"
    return f"{span} of 255 grey levels"
