"""The answers of an exported graph, by ONNX Runtime on the CPU."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from services.inference.runtime import onnxruntime
from services.training.graph import INPUT

BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class GraphAnswers:
    """What a graph says about W windows."""

    probabilities: NDArray[np.float64]
    """[W, 5]."""
    ood: NDArray[np.float64]
    """[W]."""


def open_session(model: onnx.ModelProto, threads: int = 0) -> onnxruntime.InferenceSession:
    """A session on the CPU; 0 threads are as many as there are cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run_onnx(
    model: onnx.ModelProto,
    images: NDArray[np.uint8],
    seen: Callable[[int], object] = lambda _: None,
) -> GraphAnswers:
    """The answers to windows [W, 1, S, S]; `seen` gets the number of windows of each run."""
    session = open_session(model)
    parts = []
    for start in range(0, len(images), BATCH):
        batch = images[start : start + BATCH]
        parts.append(session.run(["presence", "locations", "ood_score"], {INPUT: batch}))
        seen(len(batch))
    presence, locations, ood = (np.concatenate(each) for each in zip(*parts, strict=True))
    probabilities = np.concatenate([presence[:, None], locations], axis=1)
    return GraphAnswers(probabilities.astype(np.float64), ood.astype(np.float64))
