"""Small manifests with real image files, for tests."""

from pathlib import Path

import cv2
import numpy as np

HEADER = "path,patient,presence,mesangial,subepithelial,intramembranous,subendothelial"


def write_image(path: Path, seed: int, size: int = 64) -> Path:
    """A grey image that no other seed gives."""
    noise = np.random.default_rng(seed).integers(0, 256, (size, size), dtype=np.uint8)
    assert cv2.imwrite(str(path), noise)
    return path


def write_mask(path: Path, value: int, size: int = 64) -> Path:
    """A mask with one square of `value`."""
    mask = np.zeros((size, size), np.uint8)
    mask[10:20, 10:20] = value
    assert cv2.imwrite(str(path), mask)
    return path


def write_rows(folder: Path, *rows: str, header: str = HEADER) -> Path:
    """A manifest of `rows`; every image that a first value names is drawn, but `gone*`."""
    for number, row in enumerate(rows):
        name = row.split(",")[0]
        if name and not name.startswith("gone") and not (folder / name).exists():
            write_image(folder / name, seed=number)
    path = folder / "manifest.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path
