"""`densa calibrate-cases`: fit on patients how a case follows from its images."""

import shutil
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
    from services.inference.case_coefficients import CaseCoefficients


def calibrate_cases(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle to start from.")],
    *,
    data: Annotated[Path, typer.Option(help="Manifest of labelled micrographs with patients.")],
    out: Annotated[Path, typer.Option(help="Folder of the new bundle: its name is the version.")],
    split: Annotated[str, typer.Option(help="Rows to use; empty: all.")] = "calibration",
) -> None:
    """Fit the rule of cases on patients, as a new version of a bundle.

    `densa export` does it with the run's own calibration patients. This is for a bundle
    that has no such rule, or for a lab's own patients: they must be none that the
    model was trained on. Everything else of the bundle stays as it is.

    For example:

        densa calibrate-cases models/densa-resnet18/0.3.0 --data manifest.csv
        --out build/densa-resnet18/0.3.1
    """
    require_training(("scipy", "cv2", "onnxruntime"))
    from services.common.errors import DensaError
    from services.inference.bundle import load_bundle
    from services.inference.sealing import seal_bundle
    from services.training.manifest_check import ManifestError

    with plain_errors(ManifestError, DensaError, OSError, ValueError):
        fitted = _fit(bundle, data, split)
        shutil.copytree(bundle, out)
        draft = load_bundle(bundle).manifest.model_copy(
            update={"case": fitted, "version": out.name}
        )
        digest = seal_bundle(out, draft)
    for name, output in fitted.outputs.items():
        console.print(
            f"{name:>16}: slope {output.slope:.2f}, offset {output.offset:+.2f}, "
            f"per ln(images) {output.log_images:+.2f}, threshold {output.threshold:.2f}"
        )
    console.print(f"{fitted.patients:,} patients; bundle: {out} ({digest})", soft_wrap=True)


def _fit(bundle: Path, data: Path, split: str) -> "CaseCoefficients":
    """Answers the micrographs as a service would, and fits to them."""
    import numpy as np

    from services.training.answers import BundleAnswerer
    from services.training.case_fit import fit_cases
    from services.training.manifest import truth_of
    from services.training.manifest_check import read_manifest

    records = [record for record in read_manifest(data) if split in ("", record.split)]
    if not records:
        fail(f"{data}: no row has the split {split!r}; --split '' takes all rows")
    answers = []
    with progress_bar() as progress:
        task = progress.add_task("classifying", total=len(records))
        for answer in BundleAnswerer(bundle).answer(records):
            answers.append(answer.probabilities)
            progress.advance(task)
    truth = truth_of([record.labels for record in records])
    known = np.where(truth.assessed, truth.positive.astype(np.float64), np.nan)
    return fit_cases([record.patient for record in records], np.stack(answers), known)
