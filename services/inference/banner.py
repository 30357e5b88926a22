"""Finds the info bar that some microscopes append below the image (AMT, JEOL).

It is no tissue, and its brightness would spoil the grey range. It is known by
what tissue never is: a band over the full width, of one exact background value
but for text, that begins with a straight edge. A hole or a bright space at the
lower border of a field has a curved or noisy edge and is left alone.
"""

import numpy as np
from numpy.typing import NDArray

from services.inference.formats.raster import Samples

#: The largest part of the height that can be a banner; the tallest seen is 324 of 2372 rows.
LARGEST_SHARE = 0.25

#: Smallest height of a banner in rows, and in parts of the height.
SMALLEST_ROWS = 8
SMALLEST_SHARE = 0.01

#: A row of pure background has this share of its pixels at the background value.
_PURE = 0.98
#: A row of the banner, text included, has at least this share near the background value.
_TEXT = 0.5
#: A row of the image has less than this share of its pixels at the background value.
_IMAGE = 0.6
#: Grey levels from the background that still count, for pure rows and where JPEG rings at text.
_EXACT, _RINGING = 2, 12
#: Rows between image and banner that may be neither: a line, or a block of JPEG.
_EDGE_ROWS = 8


def find_banner(samples: Samples) -> int:
    """The first row of the banner of the image [H, W], or H where there is none."""
    height = int(samples.shape[0])
    first = height - int(height * LARGEST_SHARE)
    lower = samples[first:]
    border = max(2, height // 100)
    if height < 2 * SMALLEST_ROWS or len(lower) <= border:
        return height
    background = float(np.median(lower[-border:]))
    if not (_near(lower[-border:], background, _EXACT) >= _PURE).any():
        return height  # nearly always; the rest is for files that may have a banner
    exact = _near(lower, background, _EXACT)
    run = _top_of_run(_near(lower, background, _RINGING) >= _TEXT, border)
    pure = np.flatnonzero(exact[run:] >= _PURE)
    top = run + int(pure[0])
    above = exact[max(0, top - 2 * _EDGE_ROWS) : top - _EDGE_ROWS]
    starts_sharply = top > _EDGE_ROWS and above.max() < _IMAGE
    tall_enough = len(lower) - top >= max(SMALLEST_ROWS, height * SMALLEST_SHARE)
    return first + top if starts_sharply and tall_enough else height


def _near(rows: Samples, background: float, levels: int) -> NDArray[np.float64]:
    """For each row the share of pixels within `levels` of the background.

    Only 8-bit images have been through lossy compression; wider ones must match exactly.
    """
    if rows.dtype == np.uint8:
        low = np.uint8(max(0, int(background) - levels))
        high = np.uint8(min(255, int(background) + levels))
        return np.asarray(((rows >= low) & (rows <= high)).mean(axis=1))
    return np.asarray((rows == background).mean(axis=1))


def _top_of_run(like: NDArray[np.bool_], border: int) -> int:
    """First row of the run of banner rows that ends at the lower border.

    Gaps of up to `border` rows belong to it: a scale bar, a line, the frame.
    """
    rows = np.flatnonzero(like)
    gaps = np.flatnonzero(np.diff(rows) > border)
    return int(rows[gaps[-1] + 1] if len(gaps) else rows[0])
