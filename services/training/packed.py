"""Micrographs in one file that many processes map, so that they share one copy of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.training.dataset import Example

FILE = "examples"


@dataclass(frozen=True, slots=True)
class PackedExamples:
    """Where the pixels of N examples are, and the rest of them."""

    path: Path
    shapes: tuple[tuple[int, int], ...]
    masked: tuple[bool, ...]
    labels: tuple[tuple[int | None, ...], ...]

    def unpack(self) -> list[Example]:
        """The examples; their pixels are read from the file when they are looked at."""
        pixels = np.memmap(self.path, dtype=np.uint8, mode="r")
        examples, at = [], 0

        def take(shape: tuple[int, int]) -> NDArray[np.uint8]:
            nonlocal at
            first, at = at, at + shape[0] * shape[1]
            return np.asarray(pixels[first:at]).reshape(shape)

        for shape, masked, labels in zip(self.shapes, self.masked, self.labels, strict=True):
            image = take(shape)
            examples.append(Example(image, take(shape) if masked else None, labels))
        return examples


def pack(examples: Sequence[Example], folder: Path) -> PackedExamples:
    """Write the pixels of all examples into a file of `folder`. Raises OSError."""
    path = folder / FILE
    with path.open("wb") as file:
        for example in examples:
            file.write(example.image.tobytes())
            if example.mask is not None:
                file.write(example.mask.tobytes())
    return PackedExamples(
        path,
        tuple((example.image.shape[0], example.image.shape[1]) for example in examples),
        tuple(example.mask is not None for example in examples),
        tuple(example.labels for example in examples),
    )
