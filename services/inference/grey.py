"""Samples of any kind as 8-bit grey, and greys that do not depend on contrast and brightness."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.common.errors import InvalidImage
from services.inference.formats.raster import Samples

#: Shares of pixels, in percent, that may lie below black and above white when more than eight
#: bits are mapped: hot pixels and dust must not set the range.
BLACK_PERCENTILE = 0.1
WHITE_PERCENTILE = 99.9

#: Pixels that are enough to know the distribution of values (65 of them lie below black).
#: All pixels of a 1024 x 1024 image would cost 1 ms more.
SAMPLE_PIXELS = 65_536

#: Shares of a field's pixels that lie at or below its dark and at or below its bright grey.
DARK_SHARE, BRIGHT_SHARE = 0.01, 0.99
#: The greys that these become. The room beyond them keeps the darkest deposits apart from black.
DARK, BRIGHT = 26, 229
#: A smaller range than this is stretched no further: that would only enlarge noise.
LEAST_RANGE = 32
#: Below this range a field is blank, and left as it is: there is nothing to standardise by.
BLANK_RANGE = 8

#: A pixel is coloured where its channels differ by more than this share of the image's brightest.
#: A grey image in three channels has no difference, as JPEG either; the room is for faint tints.
COLOURED_SPREAD = 0.15

#: Rows converted at a time, so that memory stays small beside the image.
_ROWS = 256


def luminance(samples: Samples) -> Samples:
    """One channel [H, W]: the grey, or the weighted mean of RGB. Alpha is left out."""
    if samples.ndim == 2:
        return samples
    if samples.shape[2] < 3:
        return np.ascontiguousarray(samples[:, :, 0])
    if samples.dtype not in (np.uint8, np.uint16, np.float32):
        samples = samples.astype(np.float32)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(samples[:, :, :3]), cv2.COLOR_RGB2GRAY))


def coloured_share(samples: Samples) -> float:
    """Which share of the pixels of [H, W] or [H, W, channels] is not grey."""
    if samples.ndim == 2 or samples.shape[2] < 3:
        return 0.0
    sample = thinned(samples)[:, :, :3].astype(np.float32)
    spread = sample.max(axis=2) - sample.min(axis=2)
    return float((spread > COLOURED_SPREAD * sample.max()).mean())


def value_range(samples: Samples) -> tuple[float, float]:
    """The values that become black and white. Raises InvalidImage where values are no numbers."""
    if samples.dtype == np.uint8:
        return 0.0, 255.0
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise InvalidImage(
            f"{np.count_nonzero(~np.isfinite(samples)):,} pixels of the image are not numbers "
            "(NaN or infinite). Export the micrograph as 8-bit or 16-bit grey.",
            reason="CORRUPT_IMAGE",
        )
    low, high = np.percentile(thinned(samples), (BLACK_PERCENTILE, WHITE_PERCENTILE))
    return float(low), float(high)


def thinned(samples: Samples) -> Samples:
    """Every n-th pixel of every n-th row, still enough to know the distribution of values."""
    step = max(1, int((samples.size / SAMPLE_PIXELS) ** 0.5))
    return np.ascontiguousarray(samples[::step, ::step])


def levels_at(grey: NDArray[np.uint8], *shares: float) -> tuple[int, ...]:
    """The grey levels of [H, W] below or at which these shares of the pixels lie."""
    counts = cv2.calcHist([np.ascontiguousarray(grey)], [0], None, [256], [0, 256]).ravel()
    below = np.cumsum(counts)
    return tuple(int(level) for level in np.searchsorted(below, np.multiply(shares, grey.size)))


def to_grey(samples: Samples, low: float, high: float) -> NDArray[np.uint8]:
    """Map [H, W] to 8 bits, `low` to 0 and `high` to 255; a constant image becomes mid-grey."""
    if samples.dtype == np.uint8:
        return samples
    if not high > low:
        return np.full(samples.shape, 128, np.uint8)
    scale = 255.0 / (high - low)
    if samples.dtype == np.uint16:
        # Saturating: what lies below black becomes black. Half the time of the same in NumPy.
        above = cv2.subtract(samples, round(low))  # type: ignore[call-overload]  # a scalar is fine
        return np.asarray(cv2.convertScaleAbs(above, alpha=scale), np.uint8)
    grey = np.empty(samples.shape, np.uint8)
    for top in range(0, samples.shape[0], _ROWS):
        values = (samples[top : top + _ROWS].astype(np.float64) - low) * scale
        grey[top : top + _ROWS] = np.rint(np.clip(values, 0.0, 255.0))
    return grey


def standardise(field: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`field` with its dark and bright greys at DARK and BRIGHT, the others in proportion.

    Microscopes, cameras and operators set contrast and brightness as they like; how dark a
    deposit is means something only beside the rest of its field.
    """
    dark, bright = levels_at(field, DARK_SHARE, BRIGHT_SHARE)
    if bright - dark < BLANK_RANGE:
        return field
    middle, span = (dark + bright) / 2, max(bright - dark, LEAST_RANGE)
    scaled = (np.arange(256) - middle) * ((BRIGHT - DARK) / span) + (DARK + BRIGHT) / 2
    table = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(field, table), np.uint8)
