"""Drawn micrographs on disk: images, masks and the manifest that lists them."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count, islice, product
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from services.training.manifest import LOCATIONS, Record
from services.training.phantom import Field, Patient, draw_field


@dataclass(frozen=True, slots=True)
class Order:
    """What to draw."""

    seed: int
    patients: int
    fields: int
    """Fields per patient."""
    size: int
    """Height and width in pixels."""
    pixel_size_nm: float
    oversample: int = 1
    """Draw this many times finer, then average: as a camera does."""
    min_contrast: float = 0.0
    """Patients whose deposits would come out with less contrast are passed over."""

    def patient_numbers(self) -> list[int]:
        """The first patients of the population with enough contrast."""
        fit = (
            number
            for number in count()
            if Patient.draw(self.seed, number).contrast >= self.min_contrast
        )
        return list(islice(fit, self.patients))


def draw_ordered(order: Order, patient: int, field: int) -> Field:
    """One field of an order, averaged down where the order says so."""
    factor = order.oversample
    side = order.size * factor
    drawn = draw_field(
        Patient.draw(order.seed, patient), field, side, side, order.pixel_size_nm / factor
    )
    if factor == 1:
        return drawn
    size = (order.size, order.size)
    image = cv2.resize(drawn.image, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(drawn.mask, size, interpolation=cv2.INTER_NEAREST)
    return Field(np.asarray(image, np.uint8), np.asarray(mask, np.uint8), order.pixel_size_nm)


def write_fields(order: Order, out: Path, workers: int) -> Iterator[Record]:
    """Draw and write all fields of an order with `workers` processes, in order.

    Raises OSError where `out` cannot be written.
    """
    (out / "images").mkdir(parents=True, exist_ok=True)
    (out / "masks").mkdir(exist_ok=True)
    jobs = [
        (order, patient, field, out)
        for patient, field in product(order.patient_numbers(), range(order.fields))
    ]
    if workers <= 1:
        yield from map(_write_field, jobs)
        return
    # Forked processes would inherit locks of libraries' threads, and wait for them for ever.
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_single_thread
    ) as pool:
        yield from pool.map(_write_field, jobs, chunksize=4)


def _single_thread() -> None:
    """Processes already fill the cores."""
    cv2.setNumThreads(1)


def _write_field(job: tuple[Order, int, int, Path]) -> Record:
    order, patient, number, out = job
    field = draw_ordered(order, patient, number)
    name = f"p{patient:05d}-f{number:02d}.png"
    record = Record(
        path=out / "images" / name,
        patient=f"s{order.seed}-p{patient:05d}",
        case=f"s{order.seed}-c{patient:05d}",
        pixel_size_nm=order.pixel_size_nm,
        labels=labels_of(field),
        mask=out / "masks" / name,
        origin="drawn",
    )
    write_png(record.path, field.image)
    write_png(out / "masks" / name, field.mask)
    return record


def labels_of(field: Field) -> tuple[int, ...]:
    """Labels in the order of the manifest: presence, then the locations."""
    return (int(field.presence), *(int(field.locations[location]) for location in LOCATIONS))


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a grey image. Raises OSError where the file cannot be written."""
    if not cv2.imwrite(str(path), image):
        raise OSError(f"cannot write {path}: check that the folder exists and is writable")
