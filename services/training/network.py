"""The network: a ResNet18 trunk with a presence head and a location head, or two of them."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from services.training.config import Kind
from services.training.manifest import LOCATIONS
from services.training.vision import torchvision_models

FEATURES, EARLY_FEATURES = 512, 128
STAGES = (64, 128, 256, 512)
"""Channels of the trunk's four stages, from fine to coarse."""
MEAN, DEVIATION = 0.5, 0.25
"""Greys 0..255 become (grey / 255 - MEAN) / DEVIATION."""


class Evidence(NamedTuple):
    """What the network says about N images."""

    logits: Tensor
    """[N, 5]: presence, then each location *given* that there is a deposit."""
    maps: Tensor
    """[N, 5, h, w]: the same logits place by place, one place per 32 pixels."""
    features: Tensor
    """[N, 960]: mean of each channel of the trunk's four stages."""
    details: Tensor
    """[N, 5, 4h, 4w]: finer maps of an early layer. They only help to train: masks teach the
    early layers what a deposit looks like, which labels alone take far longer to do."""


class DensaNet(nn.Module):
    """Maps of logits, and their log-sum-exp as the image's logits.

    An image shows a deposit where some place shows one: log-sum-exp is a soft
    maximum, so that one small deposit is not averaged away, and the maps say
    where the evidence is.
    """

    kind: Kind = "shared"

    def __init__(self) -> None:
        super().__init__()
        trunk: Any = torchvision_models().resnet18(weights=None)
        stem = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.early = nn.Sequential(
            stem, trunk.bn1, trunk.relu, trunk.maxpool, trunk.layer1, trunk.layer2
        )
        self.late = nn.Sequential(trunk.layer3, trunk.layer4)
        self.detail = nn.Conv2d(EARLY_FEATURES, 1 + len(LOCATIONS), kernel_size=1)
        self.presence = nn.Conv2d(FEATURES, 1, kernel_size=1)
        self.locations = nn.Conv2d(FEATURES, len(LOCATIONS), kernel_size=1)
        nn.init.kaiming_normal_(stem.weight, mode="fan_out", nonlinearity="relu")
        for head in (self.detail, self.presence, self.locations):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.constant_(head.get_parameter("bias"), -3.5)

    def forward(self, image: Tensor, _shown: Tensor | None = None) -> Evidence:
        """Evidence from greys [N, 1, H, W], float 0..255."""
        fine = (image / 255.0 - MEAN) / DEVIATION
        for layer in list(self.early)[:-1]:
            fine = layer(fine)
        early = self.early[-1](fine)
        middle = self.late[0](early)
        hidden = self.late[1](middle)
        maps = torch.cat([self.presence(hidden), self.locations(hidden)], dim=1)
        logits = torch.logsumexp(maps.flatten(2), dim=2)
        means = [stage.mean(dim=(2, 3)) for stage in (fine, early, middle, hidden)]
        return Evidence(logits, maps, torch.cat(means, dim=1), self.detail(early))


class CascadeNet(nn.Module):
    """The published method: one network for presence, one for locations given presence.

    The second is trained on images with deposits only. Twice the weights and
    the time of the shared trunk.
    """

    kind: Kind = "cascade"

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = DensaNet(), DensaNet()

    def forward(self, image: Tensor, shown: Tensor | None = None) -> Evidence:
        """Evidence from greys [N, 1, H, W], float 0..255; features are the first network's.

        `shown` [N] says which images the second network sees, in training; it
        says nothing (zeros, without gradient) about the others.
        """
        one = self.first(image)
        two = self.second(image) if shown is None else self._partly(image, shown, one)
        parts = [
            torch.cat([mine[:, :1], other[:, 1:]], dim=1)
            for mine, other in (
                (one.logits, two.logits),
                (one.maps, two.maps),
                (one.details, two.details),
            )
        ]
        return Evidence(parts[0], parts[1], one.features, parts[2])

    def _partly(self, image: Tensor, shown: Tensor, like: Evidence) -> Evidence:
        if not bool(shown.any()):
            return Evidence(*(torch.zeros_like(part) for part in like))
        seen = self.second(image[shown])
        return Evidence(
            *(
                torch.zeros_like(part).index_put((shown.nonzero()[:, 0],), found.to(part.dtype))
                for part, found in zip(like, seen, strict=True)
            )
        )


Network = DensaNet | CascadeNet


def new_network(kind: Kind) -> Network:
    """A network with random weights."""
    return CascadeNet() if kind == "cascade" else DensaNet()


def marginal(logits: Tensor) -> Tensor:
    """Probabilities [N, 5] from logits: presence, then P(presence) * P(location | presence)."""
    probability = torch.sigmoid(logits)
    return torch.cat([probability[:, :1], probability[:, :1] * probability[:, 1:]], dim=1)
