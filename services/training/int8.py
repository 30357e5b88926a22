"""The graph with 8-bit products, for CPUs: made, and held against the reference.

Static quantisation (QDQ), activations unsigned and weights signed, both 8-bit, weights with
one bit to spare (`reduce_range`): without it, products of processors that have
no VNNI can overflow 16 bits. Measured on two AVX2 cores: 1.9 times as fast as
fp32; with signed activations not faster at all.
"""

import logging
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from services.inference.runtime import quantization
from services.training.graph import INPUT
from services.training.manifest import LABELS
from services.training.metrics import auc
from services.training.onnx_answers import open_session

Floats = NDArray[np.float64]

QUANTISED = ("Conv", "Add", "MaxPool")
TRUNK = ("early.1", "early.2", "early.3", "early.4", "early.5", "late.")
"""Only nodes of the trunks, without the stem: 360 drawn micrographs, a trained network, largest
change of an AUC 0.0025 to 0.0043 and 2.2 times as fast with the stem, 0.0014 and 1.8 times without.
Heads and what follows them are a thousandth of the work."""
ROUNDS = 30


class _Reader:
    """Gives images one by one to the quantiser, which looks at the range of each activation."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self._images: Iterator[NDArray[np.uint8]] = iter(images)

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """The next image, None after the last."""
        image = next(self._images, None)
        return None if image is None else {INPUT: image[None]}


def quantise(model: onnx.ModelProto, images: NDArray[np.uint8]) -> onnx.ModelProto:
    """`model` with 8-bit products in its trunk; ranges are those on training `images` [N,1,S,S]."""
    tools: Any = quantization()
    beyond = [node.name for node in model.graph.node if not _of_trunk(node.name)]
    silence = logging.getLogger().level
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source.onnx"), Path(folder, "int8.onnx")
        onnx.save_model(model, source)
        logging.getLogger().setLevel(logging.ERROR)  # it advises to preprocess; we have
        try:
            tools.quantize_static(
                source,
                target,
                _Reader(images),
                quant_format=tools.QuantFormat.QDQ,
                op_types_to_quantize=list(QUANTISED),
                nodes_to_exclude=beyond,
                per_channel=True,
                reduce_range=True,
                activation_type=tools.QuantType.QUInt8,
                weight_type=tools.QuantType.QInt8,
                calibrate_method=tools.CalibrationMethod.MinMax,
            )
        finally:
            logging.getLogger().setLevel(silence)
        return onnx.load_model(target)


def _of_trunk(name: str) -> bool:
    return any(part in name for part in TRUNK)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An int8 graph beside the reference."""

    speed: float
    """Windows per second on one thread, as a multiple."""
    probability_change: float
    """Largest, over images and outputs."""
    auc_change: dict[str, float]
    """By output; without those that lack a class."""


def compare(reference: Floats, other: Floats, truth: Floats, speed: float) -> Comparison:
    """Compare probabilities [N, 5] of the same images; `truth` is [N, 5] with NaN."""
    changes = {}
    for column, label in enumerate(LABELS):
        known = np.isfinite(truth[:, column])
        shown = truth[known, column] == 1
        one, two = (auc(shown, each[known, column]) for each in (reference, other))
        if np.isfinite(one) and np.isfinite(two):
            changes[label] = abs(one - two)
    return Comparison(speed, float(np.abs(reference - other).max()), changes)


def speed_ratio(
    reference: onnx.ModelProto, other: onnx.ModelProto, images: NDArray[np.uint8]
) -> float:
    """How many times as fast `other` answers one window on one thread.

    Both take turns, so that whatever else the machine does slows both; the
    median of each is taken.
    """
    sessions = [open_session(model, threads=1) for model in (reference, other)]
    spent: Sequence[list[float]] = ([], [])
    for turn in range(ROUNDS):
        for session, times in zip(sessions, spent, strict=True):
            image = images[turn % len(images)][None]
            began = time.perf_counter()
            session.run(None, {INPUT: image})
            times.append(time.perf_counter() - began)
    return float(np.median(spent[0]) / np.median(spent[1]))
