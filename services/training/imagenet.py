"""ImageNet weights of a ResNet18, from a file that the user has, for a network of one channel."""

from pathlib import Path
from typing import Any

from torch import Tensor

from services.training.checkpoint import read_saved
from services.training.network import CascadeNet, DensaNet, Network

STEM = "conv1.weight"
PARTS = {
    "bn1": "early.1",
    "layer1": "early.4",
    "layer2": "early.5",
    "layer3": "late.0",
    "layer4": "late.1",
}
"""Where the parts of torchvision's network are in ours."""


def put_imagenet_weights(path: Path, network: Network) -> None:
    """Fill the trunks of `network` from a state dict of torchvision's resnet18; heads stay random.

    The stem's weights are summed over red, green and blue: a grey picture in
    three equal channels gets the same answer from one.
    Raises OSError, or ValueError for a file that holds something else.
    """
    try:
        weights: dict[str, Any] = read_saved(path)
        trunk = {"early.0.weight": weights[STEM].sum(dim=1, keepdim=True), **_renamed(weights)}
        parts = (network.first, network.second) if isinstance(network, CascadeNet) else (network,)
        for part in parts:
            _fill(part, trunk)
    except (KeyError, TypeError, AttributeError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"{path} does not hold the weights of torchvision's resnet18 ({error}): give the .pth "
            "file of `torchvision.models.resnet18`, for example resnet18-f37072fd.pth"
        ) from error


def _renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    found = {}
    for name, values in weights.items():
        part, _, rest = name.partition(".")
        if part in PARTS:
            found[f"{PARTS[part]}.{rest}"] = values
    return found


def _fill(network: DensaNet, trunk: dict[str, Tensor]) -> None:
    heads = {
        name: values
        for name, values in network.state_dict().items()
        if not name.startswith(("early.", "late."))
    }
    network.load_state_dict({**trunk, **heads})
