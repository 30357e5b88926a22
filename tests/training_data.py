"""Small drawn data sets for tests of training."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.common.classification import Location
from services.training.config import TrainConfig
from services.training.dataset import Example
from services.training.manifest import Record, write_manifest
from services.training.phantom_files import write_png
from services.training.phantom_orders import Order
from services.training.phantom_writer import write_fields

TINY = TrainConfig(
    seed=3,
    validation_share=0.25,
    calibration_share=0.25,
    test_share=0.25,
    size=64,
    crop=64,
    crop_epochs=1,
    epochs=2,
    batch=4,
    threads=1,
)


def draw_data_set(folder: Path, patients: int, seed: int = 1, fields: int = 2) -> Path:
    """Micrographs of 96 px at 46 nm with masks; the path of their manifest."""
    order = Order(seed, patients, fields, size=96, pixel_size_nm=46.0)
    for _ in write_fields(order, folder, workers=1):
        pass
    return folder / "manifest.csv"


def write_square_set(folder: Path, patients: int, seed: int = 0) -> Path:
    """Noise with dark squares on disk, with masks; the path of their manifest.

    Of ten patients, two have no deposits and two each have one location; each
    has one image with and, if any, one without. Quick to make, all classes in it.
    """
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    records = []
    for patient in range(patients):
        for field in range(2):
            location = patient % 5 - 1 if field == 0 else -1
            image, mask = draw_square(rng, 72, location)
            stem = f"{patient}-{field}"
            for name, pixels in ((f"{stem}.png", image), (f"{stem}.mask.png", mask)):
                write_png(folder / name, pixels)
            labels = [int(location >= 0), *(int(location == each) for each in range(4))]
            records.append(
                Record(
                    folder / f"{stem}.png",
                    f"{seed}-{patient}",
                    "",
                    46.0,
                    tuple(labels),
                    folder / f"{stem}.mask.png",
                )
            )
    write_manifest(folder / "manifest.csv", records)
    return folder / "manifest.csv"


def draw_square(
    rng: np.random.Generator, size: int, location: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Noise with a dark square, whose grey tells its location, and its mask; -1 for none."""
    image = rng.integers(120, 180, size=(size, size), dtype=np.uint8)
    mask = np.zeros((size, size), np.uint8)
    if location >= 0:
        top, left = rng.integers(4, size - 24, size=2)
        mask[top : top + 18, left : left + 18] = 1 + location
        image[mask > 0] = 20 + 20 * location
    return image, mask


def make_records(counts: dict[tuple[int, ...], int], fields: int = 3) -> list[Record]:
    """So many patients with each set of labels, their images not on disk."""
    return [
        Record(
            Path(f"{labels}-{patient}-{field}.png"), f"{labels}-{patient}", "", 46.0, labels, None
        )
        for labels, patients in counts.items()
        for patient in range(patients)
        for field in range(fields)
    ]


NORMAL = (0, 0, 0, 0, 0)
EACH_LOCATION = tuple(
    (1, *(int(index == each) for each in range(len(Location)))) for index in range(len(Location))
)


def make_examples(count: int, seed: int = 0) -> list[Example]:
    """Noise with a dark square of one of the four locations in every second image."""
    rng = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        location = number // 2 % 4
        image, mask = draw_square(rng, 72, location if number % 2 else -1)
        shown = [int(number % 2 and location == each) for each in range(4)]
        examples.append(Example(image, mask, (number % 2, *shown)))
    return examples
