"""The loss: presence on all images, locations on those with deposits, maps where masks exist."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from services.training.network import Evidence


class Truth(NamedTuple):
    """What N crops show."""

    labels: Tensor
    """[N, 5], 0 or 1."""
    places: Tensor
    """[N, 5, h, w], 0, 1, or -1 for unknown."""
    details: Tensor
    """[N, 5, 4h, 4w], the same, finer."""


def loss_of(evidence: Evidence, truth: Truth, map_weight: float) -> Tensor:
    """Sum of the image's and the maps' cross-entropies.

    What the network says about locations counts only in images with
    deposits: elsewhere "given presence" has no truth.
    """
    positive = truth.labels[:, 0] > 0.5
    image = _image_loss(evidence.logits, truth.labels, positive)
    if map_weight == 0.0:
        return image
    maps = _map_loss(evidence.maps, truth.places, positive)
    details = _map_loss(evidence.details, truth.details, positive)
    return image + map_weight * (maps + details)


def _image_loss(logits: Tensor, labels: Tensor, positive: Tensor) -> Tensor:
    presence = functional.binary_cross_entropy_with_logits(logits[:, 0], labels[:, 0])
    if not bool(positive.any()):
        return presence
    locations = functional.binary_cross_entropy_with_logits(
        logits[positive, 1:], labels[positive, 1:]
    )
    return presence + 2.0 * locations


def _map_loss(maps: Tensor, places: Tensor, positive: Tensor) -> Tensor:
    known = places >= 0
    known[:, 1:] &= positive[:, None, None, None]
    each = functional.binary_cross_entropy_with_logits(
        maps, places.clamp(min=0.0), reduction="none"
    )
    # Deposits fill few places: weigh them up so that they are not drowned.
    weight = known * torch.where(places > 0.5, 3.0, 1.0)
    total: Tensor = (each * weight).sum() / weight.sum().clamp(min=1.0)
    return 4.0 * total
