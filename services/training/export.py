"""From the best checkpoint of a run to the graphs of a bundle, and the numbers fitted for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from services.inference.manifest import MODEL_FILE
from services.training.answering import answer, cut_windows, largest_by
from services.training.atomic import replace_file
from services.training.checkpoint import BEST, load_network
from services.training.config import TrainConfig
from services.training.dataset import Example, load_examples
from services.training.familiarity import fit_feature_space
from services.training.fitting import STRANGE, Fitted, fit_answers, image_scores
from services.training.graph import PARITY_TOLERANCE, ServingGraph, store_as_half, to_onnx
from services.training.int8 import Comparison, compare, quantise, speed_ratio
from services.training.manifest import Record
from services.training.onnx_answers import run_onnx

INT8_FILE = "model.int8.onnx"

PARITY_IMAGES = 64
"""Calibration windows on which torch and ONNX Runtime are compared."""

FAMILIAR_IMAGES = 600
"""Training images the OOD score is fitted on."""

RANGE_IMAGES = 100
"""Training windows that the int8 graph's ranges come from."""


class ParityError(Exception):
    """The exported graph does not answer as the network does."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The records that exporting reads, by what it reads them for."""

    training: Sequence[Record]
    calibration: Sequence[Record]
    test: Sequence[Record]

    @property
    def familiar(self) -> Sequence[Record]:
        """Some of the training records, evenly."""
        return self.training[:: max(1, len(self.training) // FAMILIAR_IMAGES)]


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """What exporting found out."""

    fitted: Fitted
    parity: float
    """Largest difference of a probability, torch to ONNX Runtime with float32 weights."""
    half_cost: float
    """Largest further difference that float16 storage makes."""
    int8: Comparison
    int8_ood_threshold: float


def export_model(
    run: Path, bundle: Path, sources: Sources, seen: Callable[[], object]
) -> ExportedModel:
    """Write model.onnx and model.int8.onnx into `bundle`; `seen` is called for each image read.

    Raises ParityError, ValueError where calibration lacks a class, OSError,
    StorageError, InvalidImage.
    """
    config = TrainConfig.load(run / "config.json")
    torch.set_num_threads(config.threads)
    network = load_network(run / BEST)
    familiar = load_examples(sources.familiar, config.model_input, seen)
    held_out = load_examples(sources.calibration, config.model_input, seen)
    space = fit_feature_space(answer(network, familiar, config).features)
    patients = [record.patient for record in sources.calibration]
    fitted = fit_answers(answer(network, held_out, config), held_out, space, patients)
    graph = ServingGraph(network, fitted.scaling, space)
    full = to_onnx(graph, config.size)
    half = store_as_half(full)
    images, owner = cut_windows(held_out, config)
    few = images[:PARITY_IMAGES]
    parity = _parity(graph, full, few)
    half_cost = _difference(run_onnx(full, few).probabilities, run_onnx(half, few).probabilities)
    replace_file(bundle / MODEL_FILE, half.SerializeToString())
    int8 = quantise(full, _spread(cut_windows(familiar, config)[0]))
    replace_file(bundle / INT8_FILE, store_as_half(int8).SerializeToString())
    scores = image_scores(run_onnx(int8, images).ood, owner)
    return ExportedModel(
        fitted=fitted,
        parity=parity,
        half_cost=half_cost,
        int8=_compare(half, int8, load_examples(sources.test, config.model_input, seen), config),
        int8_ood_threshold=float(np.percentile(scores, STRANGE)),
    )


def _parity(graph: ServingGraph, full: onnx.ModelProto, images: NDArray[np.uint8]) -> float:
    """Largest difference of a probability. Raises ParityError where it is too large."""
    with torch.inference_mode():
        presence, locations, _, _ = graph(torch.from_numpy(images))
    expected = torch.cat([presence[:, None], locations], dim=1).numpy().astype(np.float64)
    parity = _difference(expected, run_onnx(full, images).probabilities)
    if parity > PARITY_TOLERANCE:
        raise ParityError(
            f"torch and ONNX Runtime differ by {parity:.2g} in a probability, more than "
            f"{PARITY_TOLERANCE:g}: this version of the exporter must not be used"
        )
    return parity


def _compare(
    reference: onnx.ModelProto,
    int8: onnx.ModelProto,
    examples: Sequence[Example],
    config: TrainConfig,
) -> Comparison:
    """The int8 graph beside the stored reference on test images."""
    images, owner = cut_windows(examples, config)
    one, other = (
        largest_by(run_onnx(model, images).probabilities, owner) for model in (reference, int8)
    )
    truth = np.stack([example.truth for example in examples])
    return compare(one, other, truth, speed_ratio(reference, int8, images))


def _spread(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return images[:: max(1, len(images) // RANGE_IMAGES)]


def _difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.abs(one - other).max())
