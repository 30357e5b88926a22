"""Drawn micrographs on disk: images, masks and the manifest that lists them."""

import csv
from collections.abc import Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from services.training.atomic import storage_errors, write_whole
from services.training.manifest import COLUMNS, LABELS, LOCATIONS, Record
from services.training.phantom import Field
from services.training.phantom_files import Shot, write_png, write_shot
from services.training.phantom_journal import Journal, Row, digest, read_journal
from services.training.phantom_orders import Job, Order
from services.training.phantom_pool import drawing_pool

MIMIC = "mimic"
"""A column beyond those that the manifest knows: what looks like a deposit and is none."""


def write_fields(order: Order, out: Path, workers: int) -> Generator[Record, None, None]:
    """Draw and write all micrographs of an order with `workers` processes.

    Files of an earlier, interrupted run are checked and kept; their records
    come first. manifest.csv is written when everything is there. Raises
    StorageError where `out` cannot be written, OSError where it cannot be read,
    ValueError where it holds another order or where the order cannot be drawn.
    """
    order.check()
    for folder in (out / "images", out / "masks"):
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
    known = read_journal(out, order)
    kept: dict[str, Row] = {}
    todo: list[Job] = []
    jobs = order.jobs()
    for job in jobs:
        row = known.get(job.name)
        if row is None or not row.is_whole(out):
            todo.append(job)
        else:
            kept[job.name] = row
            yield row.record(out)
    if todo:
        (out / "manifest.csv").unlink(missing_ok=True)
    rows = dict(kept)
    journal = Journal(out, order, kept)
    try:
        for job, row in zip(todo, _draw(todo, out, workers), strict=True):
            journal.add(job.name, row)
            rows[job.name] = row
            yield row.record(out)
    finally:
        journal.close()
    ordered = [rows[job.name].values for job in jobs]
    write_whole(out / "manifest.csv", partial(_write_manifest, ordered))


def _draw(todo: list[Job], out: Path, workers: int) -> Iterator[Row]:
    draw = partial(write_field, out=out)
    if workers <= 1:
        yield from map(draw, todo)
        return
    pool: ProcessPoolExecutor
    with drawing_pool(workers) as pool:
        yield from pool.map(draw, todo)


def write_field(job: Job, out: Path) -> Row:
    """Draw one micrograph and write image and mask; what the manifest says of it."""
    field, microscope = job.draw(), job.subject().microscope
    rows = 0
    path = out / "images" / f"{job.name}.png"
    if job.native:
        rng = np.random.default_rng([job.order.seed, job.patient, 1 + job.field, 2])
        path, rows = write_shot(Shot(field, microscope, rng), out / "images" / job.name)
    else:
        write_whole(path, lambda part: write_png(part, field.image))
    mask = out / "masks" / f"{job.name}.png"
    # The image's banner holds no deposit.
    whole = np.pad(field.mask, ((0, rows), (0, 0)))
    write_whole(mask, lambda part: write_png(part, whole))
    values = _describe(job, field, banner=rows > 0)
    values |= {"path": f"images/{path.name}", "mask": f"masks/{mask.name}"}
    return Row(values, (digest(path), digest(mask)))


def _describe(job: Job, field: Field, *, banner: bool) -> dict[str, str]:
    """The columns of the manifest that are not paths."""
    patient = job.subject()
    installation = patient.microscope.installation
    stated = job.native and (installation.states_scale or not installation.knows_scale)
    artefacts = set(field.artefacts)
    if banner:
        artefacts.add("banner")
    if job.native and installation.format == "jpeg":
        artefacts.add("jpeg")
    labels = dict(zip(LABELS, map(str, labels_of(field)), strict=True))
    return {
        "patient": f"s{job.order.seed}-p{job.patient:05d}",
        "case": f"s{job.order.seed}-c{job.patient:05d}",
        "pixel_size_nm": "" if stated else f"{field.pixel_size_nm:g}",
        **labels,
        "magnification": str(patient.microscope.magnification) if job.native else "",
        "microscope": installation.name,
        "disease": patient.pattern.value,
        "artefact": ";".join(sorted(artefacts)),
        MIMIC: ";".join(field.mimics),
        "format": installation.format if job.native else "png",
    }


def labels_of(field: Field) -> tuple[int, ...]:
    """Labels in the order of the manifest: presence, then the locations."""
    return (int(field.presence), *(int(field.locations[location]) for location in LOCATIONS))


def _write_manifest(rows: list[dict[str, str]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*COLUMNS, MIMIC], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "origin": "drawn"} for row in rows)
