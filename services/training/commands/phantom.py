"""`densa phantom`: draw labelled micrographs."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.training.commands.terminal import (
    console,
    errors,
    plain_errors,
    progress_bar,
    require_training,
)

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


class Cohort(StrEnum):
    """Ready-made orders."""

    PAPER = "paper"


def phantom(
    *,
    out: Annotated[Path, typer.Option(help="Folder for images, masks and manifest.csv.")],
    cohort: Annotated[
        Cohort | None,
        typer.Option(
            help="`paper`: 4,303 micrographs of 1,039 patients, each microscope with its own pixel "
            "size (5 to 30 nm) and file format. Takes the place of --patients, --fields, "
            "--pixel-size-nm and --oversample."
        ),
    ] = None,
    patients: Annotated[int, typer.Option(min=1, help="How many patients to draw.")] = 100,
    fields: Annotated[int, typer.Option(min=1, help="Micrographs per patient.")] = 4,
    seed: Annotated[
        int, typer.Option(min=0, help="Same seed, same micrographs. Use another one to test.")
    ] = 1,
    size: Annotated[
        int | None,
        typer.Option(min=64, help="Edge of an image in pixels: 512, or 1024 for a cohort."),
    ] = None,
    pixel_size_nm: Annotated[
        float | None,
        typer.Option(
            min=2.0,
            max=100.0,
            help="Edge of a pixel in nm; without it, each microscope's own, and its file format.",
        ),
    ] = None,
    oversample: Annotated[
        int, typer.Option(min=1, max=4, help="Draw so many times finer, then average.")
    ] = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")] = 0,
) -> None:
    """Draw electron micrographs of the capillary wall, with exact truth.

    Each patient has one disease pattern, one anatomy and one microscope; labels
    say which deposits show in each field, and a mask says where. Writes images/,
    masks/ and the manifest.csv that `densa train` and `densa evaluate` read.
    The same command continues a run that was stopped.

    Examples, the published cohort's shape, and a training set at the model's scale:

        densa phantom --out data/cohort --cohort paper

        densa phantom --out data/train --patients 1100 --size 256 --pixel-size-nm 46 --oversample 2
    """
    require_training(("cv2", "scipy", "tifffile"))
    from services.training.atomic import StorageError
    from services.training.phantom_orders import Order, paper_cohort
    from services.training.phantom_writer import write_fields

    if cohort is Cohort.PAPER:
        order = paper_cohort(seed, size or 1024)
    else:
        order = Order(seed, patients, fields, size or 512, pixel_size_nm, oversample)
    total = order.images or order.patients * order.fields
    positive = 0
    try:
        with plain_errors(StorageError, OSError, ValueError), progress_bar() as progress:
            task = progress.add_task("drawing", total=total)
            for record in write_fields(order, out, workers or os.cpu_count() or 1):
                positive += record.presence
                progress.advance(task)
    except KeyboardInterrupt:
        errors.print(f"stopped; what is drawn is kept in {out}: the same command continues")
        raise typer.Exit(INTERRUPTED) from None
    console.print(
        f"{total} micrographs of {order.patients} patients, {positive} with deposits: "
        f"{out / 'manifest.csv'}"
    )
