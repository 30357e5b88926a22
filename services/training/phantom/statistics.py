"""Numbers in which drawn and real micrographs can be held side by side."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.training.phantom.texture import Floats

PIXEL_NM = 10.0
"""Scale at which grain and edges are measured: that of three of four real micrographs."""
COARSE_NM = 46.0
"""The model's scale."""
BLOCK = 12
"""Edge in pixels of the blocks in which flat areas are looked for."""
FLATTEST = 0.05
"""Share of blocks, those of least deviation, that count as flat: measured noise is theirs."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of one micrograph; greys run from 0 (its first percentile) to 1 (its 99th)."""

    dark_quarter: float
    """First quartile of the greys."""
    median: float
    bright_quarter: float
    black_share: float
    """Share of pixels below 0.15: red cells, chromatin, dense bodies, deposits."""
    flat_deviation: float
    """Median deviation within the flattest blocks at 10 nm per pixel: the noise."""
    flat_correlation: float
    """Correlation of neighbouring pixels there."""
    edges: float
    """Mean gradient at 10 nm per pixel, per pixel."""
    edges_coarse: float
    """Mean gradient at the model's 46 nm, per pixel."""
    slope: float
    """Exponent of the power spectrum between periods of 1,500 and 150 nm."""


NAMES = {
    "dark_quarter": "grey, first quartile",
    "median": "grey, median",
    "bright_quarter": "grey, third quartile",
    "black_share": "share darker than 0.15",
    "flat_deviation": "noise in flat areas, deviation",
    "flat_correlation": "noise, correlation of neighbours",
    "edges": "mean gradient per 10 nm pixel",
    "edges_coarse": "mean gradient per 46 nm pixel",
    "slope": "exponent of the power spectrum",
}


def measure(image: NDArray[np.uint8], pixel_size_nm: float) -> Statistics:
    """Measure a micrograph [H, W] of greys 0 to 255."""
    fine, coarse = (_at(image, pixel_size_nm, scale) for scale in (PIXEL_NM, COARSE_NM))
    quarter, median, upper = (float(value) for value in np.percentile(fine, [25, 50, 75]))
    deviation, correlation = _flat_areas(fine)
    return Statistics(
        quarter,
        median,
        upper,
        float((fine < 0.15).mean()),
        deviation,
        correlation,
        _gradient(fine),
        _gradient(coarse),
        _slope(fine),
    )


def _at(image: NDArray[np.uint8], pixel_size_nm: float, wanted_nm: float) -> Floats:
    """The image at another scale, its greys stretched to 0..1."""
    ratio = pixel_size_nm / wanted_nm
    how = cv2.INTER_AREA if ratio <= 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(image.astype(np.float32), None, fx=ratio, fy=ratio, interpolation=how)
    dark, bright = np.percentile(scaled, [1, 99])
    return np.asarray((scaled - dark) / max(bright - dark, 1.0), dtype=np.float32)


def _flat_areas(grey: Floats) -> tuple[float, float]:
    rows, columns = (side // BLOCK for side in grey.shape)
    tiled = grey[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    blocks = tiled.swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)
    # White and black clipped areas have no noise to measure.
    middle = blocks.mean(axis=(1, 2))
    blocks = blocks[(middle > 0.05) & (middle < 0.95)]
    deviation = blocks.std(axis=(1, 2))
    flat = blocks[deviation <= np.quantile(deviation, FLATTEST)]
    centred = flat - flat.mean(axis=(1, 2), keepdims=True)
    along = (centred[:, :, 1:] * centred[:, :, :-1]).mean() / max(centred.var(), 1e-9)
    return float(np.median(flat.std(axis=(1, 2)))), float(along)


def _gradient(grey: Floats) -> float:
    return float(np.hypot(np.diff(grey, axis=0)[:, :-1], np.diff(grey, axis=1)[:-1]).mean())


def _slope(grey: Floats) -> float:
    side = min(grey.shape)
    window = np.hanning(side)[:, None] * np.hanning(side)[None, :]
    power = np.abs(np.fft.fft2((grey[:side, :side] - grey.mean()) * window)) ** 2
    frequency = np.hypot(
        *np.meshgrid(np.fft.fftfreq(side, PIXEL_NM), np.fft.fftfreq(side, PIXEL_NM))
    )
    edges = np.geomspace(1 / 1500.0, 1 / 150.0, 9)
    band = np.digitize(frequency.ravel(), edges)
    means = [power.ravel()[band == number].mean() for number in range(1, len(edges))]
    middles = np.sqrt(edges[1:] * edges[:-1])
    return float(np.polyfit(np.log(middles), np.log(means), 1)[0])
