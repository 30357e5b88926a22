"""The network: a ResNet18 trunk with a presence head and a location head."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from services.training.manifest import LOCATIONS
from services.training.vision import torchvision_models

FEATURES, EARLY_FEATURES = 512, 128
MEAN, DEVIATION = 0.5, 0.25
"""Greys 0..255 become (grey / 255 - MEAN) / DEVIATION."""


class Evidence(NamedTuple):
    """What the network says about N images."""

    logits: Tensor
    """[N, 5]: presence, then each location *given* that there is a deposit."""
    maps: Tensor
    """[N, 5, h, w]: the same logits place by place, one place per 32 pixels."""
    features: Tensor
    """[N, 512]: mean of the trunk's last features."""
    details: Tensor
    """[N, 5, 4h, 4w]: finer maps of an early layer. They only help to train: masks teach the
    early layers what a deposit looks like, which labels alone take far longer to do."""


class DensaNet(nn.Module):
    """Maps of logits, and their log-sum-exp as the image's logits.

    An image shows a deposit where some place shows one: log-sum-exp is a soft
    maximum, so that one small deposit is not averaged away, and the maps say
    where the evidence is.
    """

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

    def forward(self, image: Tensor) -> Evidence:
        """Evidence from greys [N, 1, H, W], float 0..255."""
        early = self.early((image / 255.0 - MEAN) / DEVIATION)
        hidden = self.late(early)
        maps = torch.cat([self.presence(hidden), self.locations(hidden)], dim=1)
        logits = torch.logsumexp(maps.flatten(2), dim=2)
        return Evidence(logits, maps, hidden.mean(dim=(2, 3)), self.detail(early))


def marginal(logits: Tensor) -> Tensor:
    """Probabilities [N, 5] from logits: presence, then P(presence) * P(location | presence)."""
    probability = torch.sigmoid(logits)
    return torch.cat([probability[:, :1], probability[:, :1] * probability[:, 1:]], dim=1)
