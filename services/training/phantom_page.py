"""The pictures and the table of docs/cohort.md, made again from the drawing code.

    python -m services.training.phantom_page docs [FOLDER_OF_REAL_MICROGRAPHS]

The real micrographs are not part of this repository: where their folder is not
given or is empty, the table says so and shows drawings only.
"""

import csv
import sys
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inference.decoding import DecodeLimits, decode
from services.training.phantom import Field, Patient, Pattern, draw_field
from services.training.phantom.statistics import NAMES, PIXEL_NM, Statistics, measure

SEED = 31
PIXELS = 1024
MEASURED = 60
"""Drawn micrographs in the table."""
SHOWN_PX = 300
COLUMNS = 5
MOST_TRIES = 400
COLOURS = ((60, 60, 230), (60, 200, 60), (230, 150, 40), (40, 210, 230))
"""Blue, green, red of each location: red, green, blue, yellow, in the order of the masks."""
MIMICS = (
    "dense-clusters",
    "lysosomes",
    "lipid",
    "platelets",
    "fibrin",
    "hyaline",
    "tangential-membrane",
    "precipitate",
    "nuclear-rims",
)
COMMON = "nuclear-rims"
"""Shown by so many drawings that it would take them from rarer things: chosen last."""
ARTEFACTS = (
    "tear",
    "hole",
    "fold",
    "knife-marks",
    "chatter",
    "smudge",
    "charging",
    "drift",
    "defocus",
    "stitching",
    "vignetting",
    "low-contrast",
    "hot-pixels",
    "labels",
)
BEGIN, END = "<!-- statistics -->\n", "<!-- end of statistics -->"

Colour = NDArray[np.uint8]


def main(arguments: list[str]) -> None:
    """Write cohort-*.jpg and the table between its markers in cohort.md."""
    docs = Path(arguments[0])
    real = Path(arguments[1]) if len(arguments) > 1 else None
    diseases = [_tile(_first_of(pattern), pattern.value, outline=True) for pattern in Pattern]
    _write_sheet(docs / "cohort-diseases.jpg", diseases)
    shown = _first_of_each((*MIMICS, *ARTEFACTS))
    for name, wanted in (("mimics", MIMICS), ("artefacts", ARTEFACTS)):
        tiles = [_tile(shown[one], one, outline=False) for one in wanted]
        _write_sheet(docs / f"cohort-{name}.jpg", tiles)
    page = docs / "cohort.md"
    text = page.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    page.write_text(text[:begin] + _table(real) + text[end:], encoding="utf-8")


def _first_of(pattern: Pattern) -> Field:
    """The first drawing of a disease that shows what it should."""
    first = 1000 * list(Pattern).index(pattern)  # another patient in each picture
    for number in range(first, first + MOST_TRIES):
        field = _draw(number, pattern)
        clean = not {"tear", "fold", "labels", "defocus"} & set(field.artefacts)
        if clean and (field.presence or not _deposits(pattern)):
            return field
    raise LookupError(f"none of {MOST_TRIES} drawings shows {pattern.value}")


def _first_of_each(wanted: tuple[str, ...]) -> dict[str, Field]:
    """For each mimic and artefact the first drawing without deposits that shows it."""
    found: dict[str, Field] = {}
    for number in range(MOST_TRIES):
        missing = set(wanted) - set(found)
        if not missing:
            return found
        field = _draw(number, None)
        if not field.presence:
            # Each drawing stands for one of the things it shows.
            shown = missing & {*field.mimics, *field.artefacts}
            ordered = sorted(shown, key=lambda one: (one == COMMON, one))
            found |= dict.fromkeys(ordered[:1], field)
    raise LookupError(f"none of {MOST_TRIES} drawings shows {', '.join(missing)}")


def _deposits(pattern: Pattern) -> bool:
    return list(Pattern).index(pattern) >= list(Pattern).index(Pattern.MESANGIAL)


def _draw(number: int, pattern: Pattern | None) -> Field:
    return draw_field(Patient.draw(SEED, number, pattern), 0, PIXELS, PIXELS, PIXEL_NM)


def _tile(field: Field, title: str, *, outline: bool) -> Colour:
    """A drawing in small, with its title, and its deposits outlined in a second picture."""
    size = (SHOWN_PX, SHOWN_PX)
    small = cv2.resize(field.image, size, interpolation=cv2.INTER_AREA)
    tile = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    if outline:
        mask = cv2.resize(field.mask, size, interpolation=cv2.INTER_NEAREST)
        for value, colour in enumerate(COLOURS, 1):
            found, _ = cv2.findContours(
                (mask == value).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
            )
            cv2.drawContours(tile, found, -1, colour, 1)
    strip = np.full((18, SHOWN_PX, 3), 255, np.uint8)
    cv2.putText(strip, title, (3, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1)
    return np.vstack([strip, tile])


def _write_sheet(path: Path, tiles: list[Colour]) -> None:
    """Tiles in rows. Raises OSError where the file cannot be written."""
    blank = np.full_like(tiles[0], 255)
    padded = tiles + [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(padded[i : i + COLUMNS]) for i in range(0, len(padded), COLUMNS)]
    if not cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 62]):
        raise OSError(f"cannot write {path}: check that the folder exists and is writable")


def _table(real: Path | None) -> str:
    """Statistics as Markdown: range of the drawings, then each real micrograph."""
    drawn = [measure(_draw(number, None).image, PIXEL_NM) for number in range(MEASURED)]
    shot = _measure_real(real) if real is not None and real.is_dir() else {}
    head = ["", f"drawn: median (5 to 95 % of {MEASURED})", *shot]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, title in NAMES.items():
        values = [asdict(one)[name] for one in drawn]
        low, middle, high = np.percentile(values, [5, 50, 95])
        others = [f"{asdict(one)[name]:.3f}" for one in shot.values()]
        row = [title, f"{middle:.3f} ({low:.3f} to {high:.3f})", *others]
        lines.append("| " + " | ".join(row) + " |")
    if not shot:
        lines += ["", "The real micrographs were absent when this table was made."]
    return "\n".join(lines) + "\n"


def _measure_real(folder: Path) -> dict[str, Statistics]:
    """The micrographs that `scales.csv` (title, name, pixel_size_nm) of a folder lists."""
    found = {}
    with (folder / "scales.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            image = decode((folder / row["name"]).read_bytes(), DecodeLimits()).field
            edge = 16  # frames and ticks of the camera's software
            inner = image[edge:-edge, edge:-edge]
            found[row["title"]] = measure(inner, float(row["pixel_size_nm"]))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
