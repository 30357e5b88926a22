"""The demo's sample micrographs: held-out drawings in the formats that microscopes write.

    python -m services.training.samples services/stack/samples

draws the committed files again, byte for byte on the same versions of the
image libraries.
"""

import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from services.common.classification import Location
from services.training.manifest import LABELS, LOCATIONS
from services.training.phantom import Field, Patient, Pattern, draw_field

SEED = 7_001
"""A population that no training or evaluation draws from."""
FIELD_NM = 10_240.0
MOST_TRIES = 60

Grey = NDArray[np.uint8]
Writer = Callable[[Path, Grey, float], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one sample shows and how it is written."""

    name: str
    pattern: Pattern
    locations: frozenset[Location]
    size: int
    write: Writer
    stated: bool = True
    """Whether samples.csv states the pixel size."""


def write_jpeg(path: Path, image: Grey, pixel_size_nm: float) -> None:
    """Grey JPEG; the format has no place for nanometres."""
    del pixel_size_nm
    _require(cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 82]), path)


def write_png(path: Path, image: Grey, pixel_size_nm: float) -> None:
    """8-bit grey PNG."""
    del pixel_size_nm
    _require(cv2.imwrite(str(path), image, [cv2.IMWRITE_PNG_COMPRESSION, 9]), path)


def write_banner_jpeg(path: Path, image: Grey, pixel_size_nm: float) -> None:
    """A JPEG with the camera's black text banner below the field."""
    banner = np.zeros((96, image.shape[1]), np.uint8)
    bar = round(2000.0 / pixel_size_nm)
    cv2.rectangle(banner, (24, 60), (24 + bar, 66), 255, -1)
    for text, x, y in (("2 um", 24, 48), ("HV=80kV", 360, 48), ("Direct Mag: 5000x", 560, 48)):
        cv2.putText(banner, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
    write_jpeg(path, np.vstack([image, banner]), pixel_size_nm)


def write_wide_tiff(path: Path, image: Grey, pixel_size_nm: float) -> None:
    """16-bit TIFF of a camera's counts, Deflate, with its resolution."""
    counts = image.astype(np.uint16) * 24 + 1800
    _write_tiff(path, counts, pixel_size_nm)


def write_palette_tiff(path: Path, image: Grey, pixel_size_nm: float) -> None:
    """8-bit TIFF whose values mean nothing without its colour map: the greys run backwards."""
    colours = np.tile(np.arange(255, -1, -1, dtype=np.uint16) * 257, (3, 1))
    coarse = (image // 4) * 4 + 2
    _write_tiff(path, 255 - coarse, pixel_size_nm, colours)


SAMPLES = (
    Sample(
        "micrograph-01.jpg", Pattern.MESANGIAL, frozenset({Location.MESANGIAL}), 1024, write_jpeg
    ),
    Sample(
        "micrograph-02.png",
        Pattern.MEMBRANOUS,
        frozenset({Location.SUBEPITHELIAL}),
        1024,
        write_png,
    ),
    Sample("micrograph-03.jpg", Pattern.NORMAL, frozenset(), 1024, write_jpeg),
    Sample(
        "micrograph-04.tif",
        Pattern.DENSE_DEPOSIT,
        frozenset({Location.INTRAMEMBRANOUS}),
        768,
        write_wide_tiff,
    ),
    Sample(
        "micrograph-05.jpg",
        Pattern.WIRE_LOOP,
        frozenset({Location.SUBENDOTHELIAL}),
        1024,
        write_banner_jpeg,
    ),
    Sample(
        "micrograph-06.tif",
        Pattern.LUPUS,
        frozenset({Location.MESANGIAL, Location.SUBENDOTHELIAL}),
        768,
        write_palette_tiff,
    ),
    Sample("micrograph-07.jpg", Pattern.EFFACED, frozenset(), 1024, write_jpeg, stated=False),
    Sample(
        "micrograph-08.jpg",
        Pattern.MEMBRANOUS_LATE,
        frozenset({Location.SUBEPITHELIAL, Location.INTRAMEMBRANOUS}),
        1024,
        write_jpeg,
    ),
)


def draw_samples(folder: Path) -> None:
    """Write all samples and samples.csv. Raises OSError, or LookupError where none fits."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "pixel_size_nm", *LABELS])
        for number, sample in enumerate(SAMPLES):
            field = _find_field(sample, number)
            sample.write(folder / sample.name, field.image, field.pixel_size_nm)
            size = f"{field.pixel_size_nm:g}" if sample.stated else ""
            truth = [int(field.locations[location]) for location in LOCATIONS]
            writer.writerow([sample.name, size, int(field.presence), *truth])


def _find_field(sample: Sample, number: int) -> Field:
    """The first patient whose field shows exactly what the sample is to show."""
    pixel_size_nm = FIELD_NM / sample.size
    for attempt in range(MOST_TRIES):
        patient = Patient.draw(SEED, 100 * number + attempt, sample.pattern)
        field = draw_field(patient, 0, sample.size, sample.size, pixel_size_nm)
        if {location for location, shown in field.locations.items() if shown} == sample.locations:
            return field
    raise LookupError(f"none of {MOST_TRIES} drawings shows what {sample.name} is to show")


def _write_tiff(
    path: Path,
    image: NDArray[np.uint16] | Grey,
    pixel_size_nm: float,
    colours: NDArray[np.uint16] | None = None,
) -> None:
    """Deflate, with the resolution in pixels per centimetre, and a colour map if there is one."""
    per_centimetre = 1e7 / pixel_size_nm
    tifffile.imwrite(
        path,
        image,
        photometric="minisblack" if colours is None else "palette",
        colormap=colours,
        compression="zlib",
        compressionargs={"level": 9},
        # Differences of neighbours pack better, but not where values are numbers of colours.
        predictor=colours is None,
        resolution=(per_centimetre, per_centimetre),
        resolutionunit="CENTIMETER",
        metadata=None,
        software=False,
    )


def _require(written: bool, path: Path) -> None:
    if not written:
        raise OSError(f"cannot write {path}: check that the folder exists and is writable")


if __name__ == "__main__":
    draw_samples(Path(sys.argv[1]))
