"""`densa evaluate`: how good a bundle or a checkpoint is on labelled micrographs."""

import json
from pathlib import Path
from typing import Annotated

import typer

from services.training.commands.terminal import (
    console,
    plain_errors,
    progress_bar,
    require_training,
)


def evaluate(
    *,
    model: Annotated[Path, typer.Option(help="A bundle's folder, or a checkpoint (.pt).")],
    data: Annotated[Path, typer.Option(help="manifest.csv of labelled micrographs.")],
    out: Annotated[Path, typer.Option(help="Folder for evaluation.json and answers.csv.")],
    draws: Annotated[int, typer.Option(min=100, help="Bootstrap draws of patients.")] = 2000,
) -> None:
    """Measure AUC, accuracy and calibration per output, with 95 % intervals by patient.

    Every micrograph takes the whole way a service takes it: file, decoding,
    banner, scale, windows, model. A bundle is verified first.

    For example:

        densa evaluate --model models/densa-resnet18/0.2.0 --data test/manifest.csv --out report
    """
    require_training(("scipy", "cv2", "torch") if model.suffix == ".pt" else ("scipy", "cv2"))
    from services.common.errors import DensaError
    from services.training.answers import open_answerer
    from services.training.commands.tables import print_metrics
    from services.training.evaluation import evaluate_model, metrics_of, report_of, write_answers
    from services.training.manifest_check import ManifestError, read_manifest

    with plain_errors(ManifestError, DensaError, OSError, RuntimeError), progress_bar() as progress:
        records = read_manifest(data)
        answerer = open_answerer(model)
        task = progress.add_task("evaluating", total=len(records))
        evaluation = evaluate_model(answerer, records, lambda count: progress.advance(task, count))
        metrics = metrics_of(evaluation, draws)
        out.mkdir(parents=True, exist_ok=True)
        report = json.dumps(report_of(evaluation, metrics), indent=2) + "\n"
        (out / "evaluation.json").write_text(report, encoding="utf-8")
        write_answers(out / "answers.csv", evaluation)
    print_metrics(metrics)
    console.print(f"report: {out / 'evaluation.json'}")
