"""`densa phantom`: draw labelled micrographs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from services.training.commands.terminal import (
    console,
    plain_errors,
    progress_bar,
    require_training,
)


def phantom(
    *,
    out: Annotated[Path, typer.Option(help="Folder for images, masks and manifest.csv.")],
    patients: Annotated[int, typer.Option(min=1, help="How many patients to draw.")] = 100,
    fields: Annotated[int, typer.Option(min=1, help="Micrographs per patient.")] = 4,
    seed: Annotated[
        int, typer.Option(min=0, help="Same seed, same micrographs. Use another one to test.")
    ] = 1,
    size: Annotated[int, typer.Option(min=64, help="Edge of an image in pixels.")] = 512,
    pixel_size_nm: Annotated[
        float, typer.Option(min=2.0, max=100.0, help="Edge of a pixel in nanometres.")
    ] = 23.0,
    oversample: Annotated[
        int, typer.Option(min=1, max=4, help="Draw so many times finer, then average.")
    ] = 1,
    min_contrast: Annotated[
        float,
        typer.Option(
            min=0.0, max=0.2, help="Least contrast of deposits, 0 to 1; 0 draws all patients."
        ),
    ] = 0.0,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")] = 0,
) -> None:
    """Draw electron micrographs of the capillary wall, with exact truth.

    Each patient has one disease pattern, one anatomy and one microscope; labels
    say which deposits show in each field, and a mask says where. Writes
    images/*.png, masks/*.png and the manifest.csv that `densa train` and
    `densa evaluate` read.

    Example, a training set at the model's scale:

        densa phantom --out data/train --patients 1100 --size 256 --pixel-size-nm 46 --oversample 2
    """
    require_training(("cv2", "scipy"))
    from services.training.manifest import Record, write_manifest
    from services.training.phantom_writer import Order, write_fields

    order = Order(seed, patients, fields, size, pixel_size_nm, oversample, min_contrast)
    records: list[Record] = []
    with plain_errors(OSError, ValueError), progress_bar() as progress:
        task = progress.add_task("drawing", total=patients * fields)
        for record in write_fields(order, out, workers or os.cpu_count() or 1):
            records.append(record)
            progress.advance(task)
        write_manifest(out / "manifest.csv", records)
    positive = sum(record.presence for record in records)
    console.print(
        f"{len(records)} micrographs of {patients} patients, {positive} with deposits: "
        f"{out / 'manifest.csv'}"
    )
