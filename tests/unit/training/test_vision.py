"""torchvision's models come whatever build of torch is there."""

import torch

from services.training.network import DensaNet, marginal
from services.training.vision import torchvision_models


def test_a_resnet_can_be_built() -> None:
    # Given this installation
    models = torchvision_models()

    # When a network is built from it
    network = models.resnet18(weights=None)

    # Then it is a module
    assert isinstance(network, torch.nn.Module)


def test_maps_are_one_place_per_32_pixels_and_marginals_stay_below_presence() -> None:
    # Given a network and noise
    torch.manual_seed(0)
    network = DensaNet().eval()

    # When it looks at two images
    with torch.inference_mode():
        evidence = network(torch.rand(2, 1, 96, 128) * 255)
    found = marginal(evidence.logits)

    # Then shapes and order are those of the contract
    assert evidence.maps.shape == (2, 5, 3, 4)
    assert evidence.features.shape == (2, 960)
    assert (found[:, 1:] <= found[:, :1]).all()
