"""The helper that reads one file and writes its preview, within limits of memory and time."""

import resource
import sys
import warnings
from pathlib import Path

from PIL import Image

LONGEST_SIDE = 1600
MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 15
MOST_PIXELS = 100_000_000
BLACK, WHITE = 0.001, 0.999
"""Shares of the pixels below black and below white, where there are more than eight bits."""


def main(source: Path, target: Path) -> int:
    """Writes `target`, whole or not at all; 1 where `source` cannot be shown."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(source, formats=("JPEG", "PNG", "TIFF")) as image:
            image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            shown = to_grey(image)
        shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
        part = target.with_suffix(".part")
        shown.save(part, format="JPEG", quality=88)
        part.replace(target)
    except Exception:  # noqa: BLE001  # whatever a decoder does, there is no preview
        return 1
    return 0


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
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
