"""`densa export`: a bundle from a training run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.training.commands.terminal import (
    console,
    fail,
    plain_errors,
    progress_bar,
    require_training,
)

if TYPE_CHECKING:
    from services.training.bundle import Origin
    from services.training.manifest import Record


def export(
    *,
    run: Annotated[Path, typer.Option(help="Folder of the run, as given to `densa train`.")],
    data: Annotated[Path, typer.Option(help="The manifest.csv the run was trained on.")],
    held_out: Annotated[
        Path, typer.Option(help="manifest.csv of other patients, for the bundle's metrics.")
    ],
    out: Annotated[Path, typer.Option(help="Where models lie.")] = Path("models"),
    name: Annotated[str, typer.Option(help="Name of the model.")] = "densa-resnet18",
    version: Annotated[str, typer.Option(help="Version of the bundle, such as 1.2.0.")],
) -> None:
    """Turn the best checkpoint of a run into a bundle that a worker can serve.

    Calibrates and chooses thresholds on the run's validation patients, puts
    everything after the resize into one ONNX graph, checks that it answers as
    the network does, and evaluates the finished bundle, from files through the
    serving path, on held-out patients. Writes OUT/NAME/VERSION.

    For example:

        densa export --run runs/first --data data/train/manifest.csv
        --held-out data/test/manifest.csv --version 0.1.0
    """
    require_training()
    from services.training.manifest_check import ManifestError, check_patients, read_manifest
    from services.training.prepare_run import NOTES, RunError, read_run

    folder = out / name / version
    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} exists: bundles are never changed; give another --version")
    with plain_errors(ManifestError, RunError, OSError, ValueError):
        records = read_manifest(data)
        config, provenance, validation = read_run(run, data)
        test = read_manifest(held_out)
        check_patients(held_out, records, {record.patient for record in test})
    from services.training.bundle import Origin

    training = [record for record in records if record.patient not in validation]
    chosen_on = [record for record in records if record.patient in validation]
    notes = (run / NOTES).read_text(encoding="utf-8").strip() if (run / NOTES).exists() else ""
    origin = Origin(name, version, config, provenance, notes)
    _build(run, folder, origin, (training, chosen_on, test))


def _build(
    run: Path,
    folder: Path,
    origin: "Origin",
    records: "tuple[list[Record], list[Record], list[Record]]",
) -> None:
    from services.common.errors import DensaError
    from services.training.bundle import add_evaluation, write_bundle
    from services.training.commands.tables import print_metrics
    from services.training.export import ParityError, export_model
    from services.training.golden import draw_golden

    training, validation, test = records
    with plain_errors(ParityError, DensaError, OSError, ValueError), progress_bar() as progress:
        reading = progress.add_task("calibrating", total=None)
        folder.mkdir(parents=True, exist_ok=True)
        exported = export_model(
            run, folder, training, validation, lambda: progress.advance(reading)
        )
        draft = write_bundle(folder, origin, exported, draw_golden(folder))
        testing = progress.add_task("evaluating", total=len(test))
        metrics = add_evaluation(
            folder, draft, test, lambda count: progress.advance(testing, count)
        )
    print_metrics(metrics)
    console.print(f"bundle: {folder}")
