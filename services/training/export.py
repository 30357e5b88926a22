"""From the best checkpoint of a run to a bundle that serves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from services.inference.manifest import MODEL_FILE
from services.inference.preprocessing import windows
from services.inference.runtime import onnxruntime
from services.training.calibration import Scaling, fit_scaling, scaled_marginals
from services.training.checkpoint import BEST, load_network
from services.training.config import TrainConfig
from services.training.dataset import Example, load_examples
from services.training.familiarity import fit_feature_space
from services.training.graph import INPUT, PARITY_TOLERANCE, ServingGraph, store_as_half, to_onnx
from services.training.loop import answer
from services.training.manifest import LABELS, Record
from services.training.metrics import youden_threshold

PARITY_IMAGES = 64
"""Validation windows on which torch and ONNX Runtime are compared."""

FAMILIAR_IMAGES = 1500
"""Training images the OOD score is fitted on."""


class ParityError(Exception):
    """The exported graph does not answer as the network does."""


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """What exporting found out."""

    scaling: Scaling
    thresholds: dict[str, float]
    parity: float
    """Largest difference of a probability, torch to ONNX Runtime with float32 weights."""
    half_cost: float
    """Largest further difference that float16 storage makes."""
    ood_reference: dict[str, float]
    """Percentiles of the OOD score on validation images."""


def export_model(
    run: Path,
    bundle: Path,
    training: Sequence[Record],
    validation: Sequence[Record],
    seen: Callable[[], object],
) -> ExportedModel:
    """Write model.onnx into `bundle`; calibrated and with thresholds chosen on validation.

    Raises ParityError, ValueError where validation lacks a class, OSError,
    InvalidImage.
    """
    config = TrainConfig.load(run / "config.json")
    torch.set_num_threads(config.threads)
    network = load_network(run / BEST)
    step = max(1, len(training) // FAMILIAR_IMAGES)
    familiar = load_examples(training[::step], config.model_input, seen)
    held_out = load_examples(validation, config.model_input, seen)
    _, known = answer(network, familiar, config)
    logits, features = answer(network, held_out, config)
    truth = np.array([example.labels for example in held_out], dtype=bool)
    scaling = fit_scaling(logits, truth)
    space = fit_feature_space(known)
    graph = ServingGraph(network, scaling, space)
    full = to_onnx(graph, config.size)
    half = store_as_half(full)
    images = _windows(held_out[:PARITY_IMAGES], config)
    parity = _largest_difference(_run_torch(graph, images), run_onnx(full, images))
    if parity > PARITY_TOLERANCE:
        raise ParityError(
            f"torch and ONNX Runtime differ by {parity:.2g} in a probability, more than "
            f"{PARITY_TOLERANCE:g}: this version of the exporter must not be used"
        )
    onnx.save_model(half, bundle / MODEL_FILE)
    return ExportedModel(
        scaling=scaling,
        thresholds=choose_thresholds(scaled_marginals(logits, scaling), truth),
        parity=parity,
        half_cost=_largest_difference(run_onnx(full, images), run_onnx(half, images)),
        ood_reference=_percentiles(space.score(features)),
    )


def choose_thresholds(
    probabilities: NDArray[np.float64], truth: NDArray[np.bool_]
) -> dict[str, float]:
    """For each output the threshold with the largest sensitivity + specificity."""
    return {
        label: youden_threshold(truth[:, column], probabilities[:, column])
        for column, label in enumerate(LABELS)
    }


def run_onnx(model: onnx.ModelProto, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities [N, 5] of windows [N, 1, S, S] by ONNX Runtime."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    presence, locations = session.run(["presence", "locations"], {INPUT: images})
    return np.concatenate([presence[:, None], locations], axis=1)


def _run_torch(graph: ServingGraph, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    with torch.inference_mode():
        presence, locations, _, _ = graph(torch.from_numpy(images))
    return np.asarray(torch.cat([presence[:, None], locations], dim=1).numpy(), np.float32)


def _windows(examples: Sequence[Example], config: TrainConfig) -> NDArray[np.uint8]:
    cut = [windows(each.image, config.pixel_size_nm, config.model_input) for each in examples]
    return np.concatenate([part.pixels for part in cut])


def _largest_difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.abs(one - other).max())


def _percentiles(scores: NDArray[np.float64]) -> dict[str, float]:
    return {f"p{share}": float(np.percentile(scores, share)) for share in (50, 95, 99)}
