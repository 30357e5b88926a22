"""Small drawn data sets for tests of training."""

from pathlib import Path

import numpy as np

from services.training.config import TrainConfig
from services.training.dataset import Example
from services.training.manifest import Record, write_manifest
from services.training.phantom_orders import Order
from services.training.phantom_writer import write_fields

TINY = TrainConfig(
    seed=3, validation_share=0.3, size=64, crop=64, crop_epochs=1, epochs=2, batch=4, threads=1
)


def draw_data_set(folder: Path, patients: int, seed: int = 1, fields: int = 2) -> Path:
    """Micrographs of 96 px at 46 nm with masks; the path of their manifest."""
    order = Order(seed, patients, fields, size=96, pixel_size_nm=46.0)
    records: list[Record] = list(write_fields(order, folder, workers=1))
    write_manifest(folder / "manifest.csv", records)
    return folder / "manifest.csv"


def make_examples(count: int, seed: int = 0) -> list[Example]:
    """Noise with a dark square of one of the four locations in every second image."""
    rng = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        image = rng.integers(120, 180, size=(72, 72), dtype=np.uint8)
        mask = np.zeros((72, 72), np.uint8)
        location = number // 2 % 4
        labels = [0] * 5
        if number % 2:
            top, left = rng.integers(4, 48, size=2)
            mask[top : top + 18, left : left + 18] = 1 + location
            image[mask > 0] = 20 + 20 * location
            labels[0] = labels[1 + location] = 1
        examples.append(Example(image, mask, tuple(labels)))
    return examples
