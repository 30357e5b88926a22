"""The loss: presence on all images, locations on those with deposits, maps where masks exist."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from services.training.network import Evidence


class Truth(NamedTuple):
    """What N crops show."""

    labels: Tensor
    """[N, 5], 0 or 1, NaN where it was not assessed."""
    places: Tensor
    """[N, 5, h, w], 0, 1, or -1 for unknown."""
    details: Tensor
    """[N, 5, 4h, 4w], the same, finer."""


def loss_of(evidence: Evidence, truth: Truth, map_weight: float) -> Tensor:
    """Sum of the image's and the maps' cross-entropies.

    What the network says about locations counts only in images with
    deposits: elsewhere "given presence" has no truth.
    """
    shown = truth.labels[:, 0] == 1
    image = image_loss(evidence.logits, truth.labels)
    if map_weight == 0.0:
        return image
    maps = _map_loss(evidence.maps, truth.places, shown)
    details = _map_loss(evidence.details, truth.details, shown)
    return image + map_weight * (maps + details)


def image_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of presence, and of locations in images with deposits."""
    shown = labels[:, 0] == 1
    known = labels.isfinite()
    presence = _mean_entropy(logits[:, :1], labels[:, :1], known[:, :1])
    locations = _mean_entropy(logits[:, 1:], labels[:, 1:], known[:, 1:] & shown[:, None])
    return presence + 2.0 * locations


def _mean_entropy(logits: Tensor, labels: Tensor, counted: Tensor) -> Tensor:
    """Mean cross-entropy of what is `counted`; zero where nothing is."""
    each = functional.binary_cross_entropy_with_logits(
        logits, labels.nan_to_num(0.0), reduction="none"
    )
    total: Tensor = (each * counted).sum() / counted.sum().clamp(min=1)
    return total


def _map_loss(maps: Tensor, places: Tensor, shown: Tensor) -> Tensor:
    known = places >= 0
    known[:, 1:] &= shown[:, None, None, None]
    each = functional.binary_cross_entropy_with_logits(
        maps, places.clamp(min=0.0), reduction="none"
    )
    # Deposits fill few places: weigh them up so that they are not drowned.
    weight = known * torch.where(places > 0.5, 3.0, 1.0)
    total: Tensor = (each * weight).sum() / weight.sum().clamp(min=1.0)
    return 4.0 * total
