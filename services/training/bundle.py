"""A finished bundle: graph, golden images, metrics, model card, manifest."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.inference.manifest import (
    BundleManifest,
    Calibration,
    Golden,
    GoldenImage,
    InputContract,
    OutputMetrics,
    digest_files,
)
from services.inference.preprocessing import VERSION
from services.inference.sealing import seal_bundle
from services.training.answers import BundleAnswerer
from services.training.config import TrainConfig
from services.training.evaluation import evaluate_model, metrics_of, report_of
from services.training.export import ExportedModel
from services.training.golden import GoldenDrawing
from services.training.manifest import LABELS, Record
from services.training.model_card import write_model_card

GOLDEN_TOLERANCE = 0.005
"""Largest difference of a golden probability between machines: other instruction sets and
runtimes add in another order."""

DESCRIPTION = (
    "ResNet18 with a presence head and a location head for electron-dense deposits, "
    "trained on drawn micrographs."
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a bundle comes from."""

    name: str
    version: str
    config: TrainConfig
    provenance: dict[str, Any]
    """That of the run: versions, commit, digest of the data."""
    notes: str = ""
    """What the settings do not say: earlier runs, weaknesses found. Part of the model card."""


def write_bundle(
    folder: Path, origin: Origin, exported: ExportedModel, golden: Sequence[GoldenDrawing]
) -> BundleManifest:
    """Seal a bundle that holds its graph and golden images, without metrics yet."""
    draft = BundleManifest(
        name=origin.name,
        version=origin.version,
        description=DESCRIPTION,
        create_time=datetime.now(UTC).replace(microsecond=0),
        input=InputContract(
            size=origin.config.size,
            pixel_size_nm=origin.config.pixel_size_nm,
            preprocessing=VERSION,
        ),
        thresholds=exported.thresholds,
        calibration=_calibration(exported),
        files=digest_files(folder),
        golden=Golden(
            tolerance=GOLDEN_TOLERANCE,
            images=tuple(
                GoldenImage(
                    file=drawing.file,
                    pixel_size_nm=drawing.pixel_size_nm,
                    # Sealing replaces these by what the stored graph answers.
                    probabilities=dict.fromkeys(LABELS, 0.0),
                )
                for drawing in golden
            ),
        ),
        metrics={},
        provenance=_provenance(origin, exported),
    )
    seal_bundle(folder, draft)
    return draft


def add_evaluation(
    folder: Path,
    draft: BundleManifest,
    records: Sequence[Record],
    seen: Callable[[int], object],
) -> dict[str, OutputMetrics]:
    """Evaluate a sealed bundle through the serving path, and seal it again with the result.

    Raises BundleError, InvalidImage or OSError.
    """
    evaluation = evaluate_model(BundleAnswerer(folder), records, seen)
    metrics = metrics_of(evaluation)
    report = report_of(evaluation, metrics)
    text = json.dumps(report, indent=2) + "\n"
    (folder / "evaluation.json").write_text(text, encoding="utf-8")
    finished = draft.model_copy(update={"metrics": metrics})
    write_model_card(folder / "MODEL_CARD.md", finished, report)
    seal_bundle(folder, finished)
    return metrics


def _calibration(exported: ExportedModel) -> Calibration:
    return Calibration(
        method="Platt scaling: sigmoid(slope * logit + offset), locations given presence",
        parameters={
            label: {"slope": slope, "offset": offset}
            for label, slope, offset in zip(
                LABELS, exported.scaling.slopes, exported.scaling.offsets, strict=True
            )
        },
    )


def _provenance(origin: Origin, exported: ExportedModel) -> dict[str, Any]:
    return {
        **origin.provenance,
        "config": asdict(origin.config),
        "weights": "float16 in the file, cast to float32 when loaded",
        "probability_change_by_float16_storage": exported.half_cost,
        "probability_difference_torch_to_onnx": exported.parity,
        "ood_score_on_validation": exported.ood_reference,
        "notes": origin.notes,
    }
