"""The micrographs that come with the demo, and what was drawn into them."""

import csv
from dataclasses import dataclass
from pathlib import Path

from services.client import Image, Location
from services.stack.errors import StackError

FOLDER = Path(__file__).with_name("samples")


@dataclass(frozen=True, slots=True)
class Sample:
    """One drawn micrograph and the truth about it."""

    image: Image
    drawn: frozenset[str]
    """Locations of the deposits that were drawn; empty where there are none."""


def load_samples(folder: Path = FOLDER) -> list[Sample]:
    """The samples that `samples.csv` in the folder lists.

    Raises:
        StackError: There are none.
    """
    try:
        with (folder / "samples.csv").open(newline="", encoding="utf-8") as file:
            return [_sample(folder, row) for row in csv.DictReader(file)]
    except OSError as error:
        raise StackError(
            f"The demo's samples cannot be read: {error}. "
            "They come with the package; install it again."
        ) from error


def _sample(folder: Path, row: dict[str, str]) -> Sample:
    # Without a pixel size it shows what a micrograph of unknown scale looks like.
    pixel_size_nm = float(row["pixel_size_nm"]) if row["pixel_size_nm"] else None
    image = Image(folder / row["name"], image_id=row["name"], pixel_size_nm=pixel_size_nm)
    return Sample(image, frozenset(name.value for name in Location if row[name.value] == "1"))
