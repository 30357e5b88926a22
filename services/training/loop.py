"""One epoch of training, and the network's answers on validation images."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.inference.preprocessing import windows
from services.training.augment import View, draw_view
from services.training.checkpoint import TrainingState
from services.training.config import TrainConfig
from services.training.dataset import Example
from services.training.losses import Truth, loss_of
from services.training.network import DensaNet

LARGEST_GRADIENT = 5.0


def train_epoch(
    state: TrainingState,
    examples: Sequence[Example],
    config: TrainConfig,
    seen: Callable[[int], object],
) -> float:
    """Go through all examples once; the mean loss. `seen` gets the number of images of each step.

    Order and augmentation follow from (seed, epoch, example), never from what
    ran before: that is what makes a resumed run equal to an uninterrupted one.
    """
    epoch = state.epoch
    size = config.crop if epoch < config.crop_epochs else config.size
    order = np.random.default_rng([config.seed, epoch]).permutation(len(examples))
    state.network.train()
    losses = []
    for batch in batches(order, config.batch):
        views = [
            draw_view(
                np.random.default_rng([config.seed, epoch, int(index)]),
                examples[index],
                size,
                config.pixel_size_nm,
            )
            for index in batch
        ]
        losses.append(_step(state, views, config.map_weight))
        seen(len(batch))
    state.epoch += 1
    return float(np.mean(losses))


def batches(order: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    """Full batches, and the rest if it is large enough for batch statistics."""
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    return [part for part in parts if len(part) == size or len(part) >= min(8, len(order))]


def _step(state: TrainingState, views: Sequence[View], map_weight: float) -> float:
    images = image_tensor([view.image[None] for view in views])
    truth = Truth(
        torch.from_numpy(np.stack([view.labels for view in views])),
        torch.from_numpy(np.stack([view.places for view in views])),
        torch.from_numpy(np.stack([view.details for view in views])),
    )
    loss = loss_of(state.network(images), truth, map_weight)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), LARGEST_GRADIENT)
    state.optimizer.step()
    state.schedule.step()
    return float(loss.detach())


def image_tensor(images: Sequence[NDArray[np.uint8]]) -> Tensor:
    """Greys [N, 1, H, W] as the network wants them, in the faster memory layout."""
    stacked = torch.from_numpy(np.stack(images)).to(torch.float32)
    return stacked.contiguous(memory_format=torch.channels_last)


def answer(
    network: DensaNet, examples: Sequence[Example], config: TrainConfig
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits [N, 5] and features [N, 512] of whole images: each output's largest window.

    The windows are those that serving cuts.
    """
    cut = [
        windows(example.image, config.pixel_size_nm, config.model_input).pixels
        for example in examples
    ]
    owner = np.repeat(np.arange(len(cut)), [len(part) for part in cut])
    flat = np.concatenate(cut)
    network.eval()
    logits, features = [], []
    with torch.inference_mode():
        for start in range(0, len(flat), config.batch):
            evidence = network(image_tensor(list(flat[start : start + config.batch])))
            logits.append(evidence.logits.numpy())
            features.append(evidence.features.numpy())
    each = np.concatenate(logits).astype(np.float64)
    largest = np.full((len(examples), each.shape[1]), -np.inf)
    np.maximum.at(largest, owner, each)
    first = np.searchsorted(owner, np.arange(len(examples)))
    return largest, np.concatenate(features).astype(np.float64)[first]
