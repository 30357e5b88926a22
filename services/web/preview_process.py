"""The helper that reads one file and writes its pictures, within limits of memory and time."""

import os
import resource
import sys
import warnings
from pathlib import Path

from PIL import Image

LONGEST_SIDE, QUALITY = 1600, 88
SMALL_SIDE, SMALL_QUALITY = 400, 70
"""Of a picture in a list: 19 KB instead of 500, and a fifteenth of the pixels to decode."""

NICE = 10
"""Answers come first: in a list of many a picture costs more CPU time than its classification."""

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 15
MOST_PIXELS = 100_000_000
BLACK, WHITE = 0.001, 0.999
"""Shares of the pixels below black and below white, where there are more than eight bits."""


def main(source: Path, target: Path, small: Path) -> int:
    """Writes the two pictures, each whole or not at all; 1 where `source` cannot be shown."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(source, formats=("JPEG", "PNG", "TIFF")) as image:
            image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            shown = to_grey(image)
        _write(shown, target, LONGEST_SIDE, QUALITY)
        _write(shown, small, SMALL_SIDE, SMALL_QUALITY)
    except Exception:  # noqa: BLE001  # whatever a decoder does, there is no preview
        return 1
    return 0


def _write(shown: Image.Image, target: Path, side: int, quality: int) -> None:
    shown.thumbnail((side, side), Image.Resampling.BOX)
    part = target.with_suffix(".part")
    shown.save(part, format="JPEG", quality=quality)
    part.replace(target)


def to_grey(image: Image.Image) -> Image.Image:
    """Eight bits of grey; wider values are stretched between their dark and bright ends."""
    if not image.mode.startswith(("I", "F")):
        return image.convert("L")
    wide = image.convert("F")
    few = _sample(wide)
    low, high = few[int(len(few) * BLACK)], few[int(len(few) * WHITE)]
    scale = 255.0 / (high - low) if high > low else 0.0
    return wide.point(lambda value: value * scale + -low * scale).convert("L")


def _sample(wide: Image.Image) -> list[float]:
    raw = wide.resize((256, 256), Image.Resampling.NEAREST).tobytes()
    return sorted(memoryview(raw).cast("f"))


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
