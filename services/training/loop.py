"""One epoch of training, and the network's answers on whole images."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.training.checkpoint import TrainingState
from services.training.config import TrainConfig
from services.training.dataset import Example
from services.training.losses import Truth, loss_of
from services.training.network import Evidence
from services.training.sampling import draw_order, draw_rates
from services.training.views import Batch, Views

LARGEST_GRADIENT = 5.0


def train_epoch(
    state: TrainingState,
    examples: Sequence[Example],
    config: TrainConfig,
    views: Views,
    seen: Callable[[int], object],
) -> float:
    """Draw as many crops as there are examples; the mean loss. `seen` gets the size of each step.

    Order and augmentation follow from (seed, epoch, place in the order), never
    from what ran before: that is what makes a resumed run equal to an
    uninterrupted one.
    """
    rates = draw_rates(np.stack([example.truth for example in examples]), config.balance)
    order = draw_order(np.random.default_rng([config.seed, state.epoch]), rates)
    state.network.train()
    losses = []
    for batch in views.batches(state.epoch, order, _bounds(len(order), config.batch)):
        losses.append(_step(state, batch, config))
        seen(len(batch.images))
    state.epoch += 1
    return float(torch.stack(losses).mean())


def steps_per_epoch(examples: int, size: int) -> int:
    """How many batches an epoch has."""
    return len(_bounds(examples, size)) - 1


def _bounds(count: int, size: int) -> list[int]:
    """Where batches begin and end; a rest too small for batch statistics is left out."""
    ends = list(range(0, count + 1, size))
    return [*ends, count] if count - ends[-1] >= min(8, count) else ends


def _step(state: TrainingState, batch: Batch, config: TrainConfig) -> Tensor:
    images, labels, places, details = (
        torch.from_numpy(part).to(config.device, non_blocking=True).float() for part in batch
    )
    truth = Truth(labels, places, details)
    images = images.contiguous(memory_format=torch.channels_last)
    mixed = config.precision == "bfloat16"
    with torch.autocast(config.device, torch.bfloat16, enabled=mixed):
        evidence = state.network(images, truth.labels[:, 0] == 1)
    loss = loss_of(Evidence(*(part.float() for part in evidence)), truth, config.map_weight)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), LARGEST_GRADIENT)
    state.optimizer.step()
    state.schedule.step()
    return loss.detach()  # not a number yet: that would wait for the GPU


def image_tensor(images: Sequence[NDArray[np.uint8]]) -> Tensor:
    """Greys [N, 1, H, W] as the network wants them, in the faster memory layout."""
    stacked = torch.from_numpy(np.stack(images)).to(torch.float32)
    return stacked.contiguous(memory_format=torch.channels_last)
