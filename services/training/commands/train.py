"""`densa train`: a network from labelled micrographs."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.training.commands.terminal import (
    console,
    plain_errors,
    progress_bar,
    require_training,
)

if TYPE_CHECKING:
    from services.training.config import TrainConfig
    from services.training.manifest import Record


def train(
    *,
    data: Annotated[Path, typer.Option(help="manifest.csv of the labelled micrographs.")],
    run: Annotated[Path, typer.Option(help="Folder of the run: new, or one to go on with.")],
    epochs: Annotated[int, typer.Option(min=1, help="Epochs in all.")] = 12,
    crop_epochs: Annotated[
        int, typer.Option(min=0, help="Epochs on small crops first; they need masks.")
    ] = 9,
    crop: Annotated[int, typer.Option(min=64, help="Edge of those crops in pixels.")] = 128,
    batch: Annotated[int, typer.Option(min=2, help="Images per step.")] = 32,
    learning_rate: Annotated[float, typer.Option(min=1e-6, help="Peak of the one cycle.")] = 2e-3,
    map_weight: Annotated[
        float, typer.Option(min=0.0, help="Weight of the masks' loss; 0 learns from labels alone.")
    ] = 1.0,
    validation_share: Annotated[
        float, typer.Option(min=0.02, max=0.5, help="Share of patients held out to choose by.")
    ] = 0.12,
    seed: Annotated[int, typer.Option(min=0, help="Weights, split, order, augmentation.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 2,
    start: Annotated[
        Path | None,
        typer.Option(help="Checkpoint to begin with; its run's validation patients stay held out."),
    ] = None,
) -> None:
    """Train a ResNet18 with a presence head and a location head.

    The manifest is checked first, and every problem is listed at once. Patients
    are split, never images. The run's folder keeps settings, split, versions, a
    row of metrics and a picture per epoch. A killed run goes on when the same
    command is given again, and ends as if it had not been killed.

    For example:

        densa train --data data/train/manifest.csv --run runs/first
    """
    require_training()
    from services.inference.manifest import digest_of
    from services.training.config import TrainConfig
    from services.training.manifest_check import ManifestError, read_manifest
    from services.training.prepare_run import RunError, open_run

    config = TrainConfig(
        seed=seed,
        validation_share=validation_share,
        crop=crop,
        crop_epochs=crop_epochs,
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        map_weight=map_weight,
        threads=threads,
    )
    with plain_errors(ManifestError, RunError, ValueError, OSError):
        if start is not None:
            config = replace(config, start=digest_of(start.read_bytes()))
        records = read_manifest(data)
        training, validation = open_run(run, config, data, records, start)
    _run(run, config, training, validation)


def _run(
    folder: Path, config: "TrainConfig", training: "list[Record]", validation: "list[Record]"
) -> None:
    """Load and train, with two bars."""
    from services.common.errors import InvalidImage
    from services.training.dataset import load_examples
    from services.training.manifest import LABELS
    from services.training.run import EpochReport, Reporter, TrainingData, train_run

    class OnTerminal(Reporter):
        def images_seen(self, count: int) -> None:
            progress.advance(images, count)

        def epoch_done(self, report: EpochReport) -> None:
            aucs = "  ".join(
                f"{label} {value:.3f}" for label, value in zip(LABELS, report.aucs, strict=True)
            )
            best = "  best so far" if report.best else ""
            console.print(
                f"epoch {report.epoch}: loss {report.loss:.3f}  AUC {aucs}{best}", soft_wrap=True
            )

    with plain_errors(InvalidImage, OSError), progress_bar() as progress:
        reading = progress.add_task("reading", total=len(training) + len(validation))

        def advance() -> None:
            progress.advance(reading)

        examples = TrainingData(
            load_examples(training, config.model_input, advance),
            load_examples(validation, config.model_input, advance),
        )
        images = progress.add_task("training", total=len(training) * config.epochs)
        train_run(folder, config, examples, OnTerminal())
    console.print(f"best checkpoint: {folder / 'best.pt'}")
