"""`densa export`: a bundle from a training run."""

from pathlib import Path
from typing import Annotated

import typer

from services.training.commands.terminal import fail, require_training


def export(
    *,
    run: Annotated[Path, typer.Option(help="Folder of the run, as given to `densa train`.")],
    data: Annotated[Path, typer.Option(help="The manifest the run was trained on.")],
    calibration: Annotated[
        Path | None,
        typer.Option(help="Manifest of other patients to calibrate on. Default: the run's."),
    ] = None,
    held_out: Annotated[
        Path | None,
        typer.Option(help="Manifest of other patients for the figures. Default: the run's test."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Where models lie.")] = Path("models"),
    name: Annotated[str, typer.Option(help="Name of the model.")] = "densa-resnet18",
    version: Annotated[str, typer.Option(help="Version of the bundle, such as 1.2.0.")],
    description: Annotated[str, typer.Option(help="One sentence about the model.")] = "",
) -> None:
    """Turn the best checkpoint of a run into a bundle that a worker can serve.

    On patients that were not trained on, fits probabilities, thresholds, zones
    without a call, and the limit above which an image is unfamiliar. Puts all
    that follows the resize into one ONNX graph, checks that it answers as the
    network does, makes an int8 graph for CPUs and measures it, and evaluates the
    bundle from files through the serving path. Writes OUT/NAME/VERSION, whole and
    at the very end: one that was killed left a hidden folder, which the next one
    replaces. With two networks (cascade) it is twice as large.

    No patient and no image may be used for two of training, calibration and figures.

    For example:

        densa export --run runs/first --data data/train/manifest.csv --version 0.1.0
    """
    require_training()
    folder = out / name / version
    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} exists: bundles are never changed; give another --version")
    from services.training.commands.export_steps import Given, export_as_asked

    export_as_asked(Given(run, data, calibration, held_out), folder, description)
