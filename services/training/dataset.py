"""Micrographs in memory, at the scale of the model, read by the code that serves."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inference.decoding import DecodeLimits, decode
from services.inference.preprocessing import ModelInput, assumed_pixel_size, model_scale, resample
from services.training.manifest import Record


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One micrograph for training."""

    image: NDArray[np.uint8]
    """[H, W] at the model's pixel size."""
    mask: NDArray[np.uint8] | None
    """[H, W], 0 for none, else 1 + the index of the deposit's location."""
    labels: tuple[int | None, ...]
    """0 or 1 for each of LABELS, None where it was not assessed."""

    @property
    def truth(self) -> NDArray[np.float64]:
        """[5]: the labels as numbers, NaN where not assessed."""
        return np.array([np.nan if each is None else each for each in self.labels], np.float64)


def load_examples(
    records: Sequence[Record],
    model_input: ModelInput,
    report: Callable[[], object] = lambda: None,
    threads: int = 2,
) -> list[Example]:
    """Read all images and masks, in `threads` threads; `report` is called after each.

    Raises OSError, or InvalidImage for an image that cannot be read.
    """
    examples = []
    with ThreadPoolExecutor(threads) as pool:
        for example in pool.map(lambda record: _load(record, model_input), records):
            examples.append(example)
            report()
    return examples


def _load(record: Record, model_input: ModelInput) -> Example:
    decoded = decode(record.path.read_bytes(), DecodeLimits(), lambda _: 1)
    field, stated = decoded.field, decoded.header.scale
    height, width = field.shape
    # As in serving: what the manifest says goes before what the file says.
    known = record.pixel_size_nm or (stated.pixel_size_nm if stated else None)
    used = known or assumed_pixel_size(width, height, model_input)
    scale = model_scale(width, height, used, model_input)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    mask = None
    if record.mask is not None:
        mask = read_mask(record)[:height, :width]
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return Example(resample(field, *size), mask, record.labels)


def read_mask(record: Record) -> NDArray[np.uint8]:
    """The mask [H, W] of a record that has one. Raises OSError where it cannot be read."""
    read = cv2.imread(str(record.mask), cv2.IMREAD_GRAYSCALE)
    if read is None:
        raise OSError(f"the mask {record.mask} is no readable image")
    return np.asarray(read, dtype=np.uint8)
