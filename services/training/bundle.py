"""A finished bundle: graph, golden images, metrics, model card, manifest."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.inference.manifest import (
    CARD_FILE,
    BundleManifest,
    Calibration,
    Golden,
    GoldenImage,
    InputContract,
    Int8Graph,
    OutputMetrics,
    digest_files,
)
from services.inference.preprocessing import VERSION
from services.inference.sealing import seal_bundle
from services.training.answers import BundleAnswerer
from services.training.config import TrainConfig
from services.training.evaluation import evaluate_model, metrics_of, report_of
from services.training.export import INT8_FILE, ExportedModel
from services.training.golden import GoldenDrawing
from services.training.manifest import LABELS, Record
from services.training.model_card import write_model_card

GOLDEN_TOLERANCE = 0.005
"""Largest difference of a golden probability between machines: other instruction sets and
runtimes add in another order."""

INT8_GOLDEN_TOLERANCE = 0.02
"""The same for 8-bit products: a value that rounds to the next of 255 steps moves more."""

DESCRIPTIONS = {
    "shared": "ResNet18 with a presence head and a location head for electron-dense deposits",
    "cascade": "Two ResNet18, one for presence of electron-dense deposits, one for their location",
}
NOT_STATED = "not stated"
"""Origin of micrographs whose manifest does not say whether they are drawn or real."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a bundle comes from."""

    name: str
    version: str
    config: TrainConfig
    provenance: dict[str, Any]
    """That of the run: versions, commit, digest of the data."""
    origins: Mapping[str, int]
    """How many training micrographs are drawn, real, or not said to be either."""
    description: str = ""
    """One sentence; empty for one that follows from the settings."""
    notes: str = ""
    """What the settings do not say: earlier runs, weaknesses found. Part of the model card."""


def write_bundle(
    folder: Path, origin: Origin, exported: ExportedModel, golden: Sequence[GoldenDrawing]
) -> BundleManifest:
    """Seal a bundle that holds its graph and golden images, without metrics yet."""
    draft = BundleManifest(
        name=origin.name,
        version=origin.version,
        description=origin.description or _description(origin),
        create_time=datetime.now(UTC).replace(microsecond=0),
        input=InputContract(
            size=origin.config.size,
            pixel_size_nm=origin.config.pixel_size_nm,
            preprocessing=VERSION,
        ),
        thresholds=exported.fitted.thresholds,
        abstain={label: (zone.low, zone.high) for label, zone in exported.fitted.zones.items()},
        ood_threshold=exported.fitted.ood_threshold,
        int8=_int8(exported),
        case=exported.fitted.case,
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
                    int8=dict.fromkeys(LABELS, 0.0),
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
    write_model_card(folder / CARD_FILE, finished, report)
    seal_bundle(folder, finished)
    return metrics


def _calibration(exported: ExportedModel) -> Calibration:
    return Calibration(
        method="Platt scaling: sigmoid(slope * logit + offset), locations given presence",
        parameters={
            label: {"slope": slope, "offset": offset}
            for label, slope, offset in zip(
                LABELS,
                exported.fitted.scaling.slopes,
                exported.fitted.scaling.offsets,
                strict=True,
            )
        },
    )


def _description(origin: Origin) -> str:
    kinds = [name for name, count in origin.origins.items() if count and name != NOT_STATED]
    data = f"{' and '.join(kinds)} micrographs" if kinds else "micrographs of no stated origin"
    return f"{DESCRIPTIONS[origin.config.network]}, trained on {data}."


def count_origins(records: Sequence[Record]) -> dict[str, int]:
    """How many micrographs are of each origin."""
    counts = Counter(record.origin or NOT_STATED for record in records)
    return {name: counts[name] for name in ("drawn", "real", NOT_STATED)}


def _int8(exported: ExportedModel) -> Int8Graph:
    return Int8Graph(
        file=INT8_FILE,
        speed=exported.int8.speed,
        probability_change=exported.int8.probability_change,
        auc_change=exported.int8.auc_change,
        golden_tolerance=INT8_GOLDEN_TOLERANCE,
        ood_threshold=exported.int8_ood_threshold,
    )


def _provenance(origin: Origin, exported: ExportedModel) -> dict[str, Any]:
    return {
        **origin.provenance,
        "config": asdict(origin.config),
        "origins": dict(origin.origins),
        "weights": "float16 in the file, cast to float32 when loaded",
        "probability_change_by_float16_storage": exported.half_cost,
        "probability_difference_torch_to_onnx": exported.parity,
        "ood_score_on_validation": exported.fitted.ood_reference,
        "abstain_zones_on_calibration": {
            label: asdict(zone) for label, zone in exported.fitted.zones.items()
        },
        "notes": origin.notes,
    }
