"""`densa evaluate`: how good a bundle or a checkpoint is on labelled micrographs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.training.commands.terminal import (
    console,
    errors,
    fail,
    plain_errors,
    progress_bar,
    require_training,
)

if TYPE_CHECKING:
    from services.training.evaluated import Evaluation
    from services.training.manifest import Record

PACKAGES = ("scipy", "sklearn", "cv2")
ALL, TEST = "all", "test"
INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


def evaluate(
    *,
    data: Annotated[Path, typer.Option(help="Manifest of labelled micrographs, CSV or Parquet.")],
    model: Annotated[Path, typer.Option(help="A bundle's folder, or a checkpoint (.pt).")],
    report: Annotated[Path | None, typer.Option(help="Write the report as a page here.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write its numbers as JSON here.")] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Write truth and probabilities per micrograph here, as CSV.")
    ] = None,
    split: Annotated[
        str,
        typer.Option(
            help="Rows to use: train, validation, calibration, test or all. "
            "By default test where the manifest splits, else all."
        ),
    ] = "",
    draws: Annotated[int, typer.Option(min=100, help="Bootstrap draws of patients.")] = 2000,
) -> None:
    """Measure a model against labels, with 95 % intervals by patient.

    AUC, accuracy, sensitivity, specificity, predictive values and kappa per
    output; calibration; results by microscope, pixel size, disease and
    artefact; heat maps against masks; readers against the reference, where the
    manifest has them. Every micrograph takes the whole way a service takes it:
    file, decoding, banner, scale, windows, model. Manifest and bundle are
    checked first. Ends with status 1 where anything stands in the way.

    For example:

        densa evaluate --data test/manifest.csv --model models/densa-resnet18/0.3.0
        --report report.html --json report.json
    """
    require_training((*PACKAGES, "torch") if model.suffix == ".pt" else PACKAGES)
    if report is not None:
        require_training(("matplotlib",))
    from services.common.errors import DensaError
    from services.training.commands.evaluation_table import print_report
    from services.training.evaluation import metrics_of, report_of
    from services.training.manifest_check import ManifestError
    from services.training.report.files import describe_data, prepare_folders, write_results

    expected = (ManifestError, DensaError, OSError, RuntimeError, ValueError)
    with _interruption_told(), plain_errors(*expected):
        # A folder that cannot be written is found before an hour of work, not after.
        prepare_folders(report, json, answers)
        evaluation, used = _answer_all(data, model, split, draws)
        with console.status("drawing patients again for the intervals"):
            found = report_of(evaluation, metrics_of(evaluation))
        found["data"] = describe_data(data, used)
        write_results(evaluation, found, page=report, numbers=json, answers=answers)
    print_report(found)
    for path in (report, json, answers):
        if path is not None:
            console.print(f"written: {path}", soft_wrap=True, highlight=False)


@contextmanager
def _interruption_told() -> Iterator[None]:
    """Ctrl-C ends with a sentence; files are written at the very end, each whole or not at all."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        errors.print("interrupted: the evaluation is not finished; give the same command again")
        raise typer.Exit(INTERRUPTED) from interruption


def _answer_all(data: Path, model: Path, split: str, draws: int) -> "tuple[Evaluation, str]":
    """Open the model, check the manifest, classify; with what was used, in words."""
    from services.training.answers import open_answerer
    from services.training.evaluation import evaluate_model
    from services.training.manifest import SPLITS
    from services.training.manifest_check import read_manifest

    if split not in ("", ALL, *SPLITS):
        fail(f"--split {split}: give one of {', '.join((*SPLITS, ALL))}")
    answerer = open_answerer(model)
    with progress_bar() as progress:
        checking = progress.add_task("checking files", total=None)
        records = read_manifest(
            data,
            progress=lambda done, total: progress.update(checking, completed=done, total=total),
        )
        chosen, used = _choose(records, split)
        task = progress.add_task("classifying", total=len(chosen))
        evaluation = evaluate_model(
            answerer, chosen, lambda count: progress.advance(task, count), draws
        )
    return evaluation, used


def _choose(records: "list[Record]", split: str) -> "tuple[list[Record], str]":
    """The rows to evaluate on; training rows only where they are asked for by name."""
    wanted = split or (TEST if any(record.split for record in records) else ALL)
    if wanted == ALL:
        return records, "all rows"
    chosen = [record for record in records if record.split == wanted]
    if not chosen:
        fail(f"no row has the split {wanted}: fill the manifest's split column, or give --split")
    return chosen, f"split {wanted}"
