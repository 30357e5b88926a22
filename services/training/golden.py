"""Golden images of a bundle: small drawings that show each answer once."""

from dataclasses import dataclass
from pathlib import Path

from services.common.classification import Location
from services.training.atomic import write_whole
from services.training.phantom import Field, Patient, draw_field
from services.training.phantom_files import write_png

SEED = 424_242
"""Its patients are in no training set: those have small seeds."""
SIZE = 224
PIXEL_SIZE_NM = 46.0
MOST_PATIENTS = 400


@dataclass(frozen=True, slots=True)
class GoldenDrawing:
    """A file of the bundle and its truth."""

    file: str
    pixel_size_nm: float


def draw_golden(bundle: Path) -> list[GoldenDrawing]:
    """Write golden/*.png into a bundle: one without deposits, one for each location.

    Raises StorageError where the bundle cannot be written.
    """
    wanted: dict[str, set[Location]] = {"none": set()}
    wanted |= {location.value: {location} for location in Location}
    (bundle / "golden").mkdir(parents=True, exist_ok=True)
    drawings = []
    for patient in range(MOST_PATIENTS):
        field = draw_field(Patient.draw(SEED, patient), 0, SIZE, SIZE, PIXEL_SIZE_NM)
        name = _first_match(wanted, field)
        if name is not None:
            del wanted[name]
            file = f"golden/{name}.png"
            _write(bundle / file, field)
            drawings.append(GoldenDrawing(file, PIXEL_SIZE_NM))
        if not wanted:
            break
    return sorted(drawings, key=lambda drawing: drawing.file)


def _write(path: Path, field: Field) -> None:
    write_whole(path, lambda part: write_png(part, field.image))


def _first_match(wanted: dict[str, set[Location]], field: Field) -> str | None:
    shown = {location for location, visible in field.locations.items() if visible}
    return next((name for name, locations in wanted.items() if locations == shown), None)
