"""The network's answers on whole images, through the windows that serving cuts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from services.inference.preprocessing import windows
from services.training.config import TrainConfig
from services.training.dataset import Example
from services.training.loop import image_tensor
from services.training.network import Network

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a network says about N images in W windows."""

    logits: Floats
    """[N, 5]: each output's largest window."""
    features: Floats
    """[W, F]: of each window."""
    owner: NDArray[np.int64]
    """[W]: to which image a window belongs, ascending."""


def answer(
    network: Network,
    examples: Sequence[Example],
    config: TrainConfig,
    seen: Callable[[int], object] = lambda _: None,
) -> Answers:
    """Ask the network, without mixed precision; `seen` gets the number of windows done."""
    return answer_windows(network, *cut_windows(examples, config), config, seen)


def answer_windows(
    network: Network,
    cut: NDArray[np.uint8],
    owner: NDArray[np.int64],
    config: TrainConfig,
    seen: Callable[[int], object] = lambda _: None,
) -> Answers:
    """The same for windows that `cut_windows` gave."""
    network.eval()
    device = next(network.parameters()).device
    logits, features = [], []
    with torch.inference_mode():
        for start in range(0, len(cut), config.batch):
            batch = image_tensor(list(cut[start : start + config.batch]))
            evidence = network(batch.to(device))
            logits.append(evidence.logits.cpu().numpy())
            features.append(evidence.features.cpu().numpy())
            seen(len(batch))
    each = np.concatenate(logits).astype(np.float64)
    return Answers(largest_by(each, owner), np.concatenate(features).astype(np.float64), owner)


def cut_windows(
    examples: Sequence[Example], config: TrainConfig
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All windows [W, 1, S, S] of `examples`, and which example each belongs to."""
    cut = [
        windows(example.image, config.pixel_size_nm, config.model_input).pixels
        for example in examples
    ]
    owner = np.repeat(np.arange(len(cut)), [len(part) for part in cut])
    return np.concatenate(cut), owner


def largest_by(values: Floats, owner: NDArray[np.int64]) -> Floats:
    """The largest [N, C] of `values` [W, C] by owner: an image is the maximum of its windows."""
    largest = np.full((int(owner[-1]) + 1, values.shape[1]), -np.inf)
    np.maximum.at(largest, owner, values)
    return largest
