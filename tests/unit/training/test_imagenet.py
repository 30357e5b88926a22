"""A grey image gets from one channel what three equal channels gave it."""

from pathlib import Path

import pytest
import torch

from services.training.imagenet import put_imagenet_weights
from services.training.network import CascadeNet, DensaNet
from services.training.vision import torchvision_models


@pytest.fixture(scope="module")
def trunk() -> torch.nn.Module:
    torch.manual_seed(3)
    network: torch.nn.Module = torchvision_models().resnet18(weights=None)
    return network.eval()


@pytest.fixture
def weights(trunk: torch.nn.Module, tmp_path: Path) -> Path:
    torch.save(trunk.state_dict(), tmp_path / "resnet18.pth")
    return tmp_path / "resnet18.pth"


def test_features_of_a_grey_image_are_those_of_the_colour_network(
    trunk: torch.nn.Module, weights: Path
) -> None:
    # Given a network with the weights of a file
    network = DensaNet().eval()
    put_imagenet_weights(weights, network)
    grey = torch.rand(2, 1, 64, 64) * 2 - 1

    # When both trunks look at one image, in one and in three channels
    with torch.inference_mode():
        found = network.late(network.early(grey)).mean(dim=(2, 3))
        trunk.fc = torch.nn.Identity()
        expected = trunk(grey.expand(-1, 3, -1, -1))

    # Then they see the same
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_both_networks_of_a_cascade_begin_with_the_weights(weights: Path) -> None:
    # Given a cascade
    network = CascadeNet()

    # When it is filled
    put_imagenet_weights(weights, network)

    # Then both trunks are the same, and the random heads are not
    one, two = network.first.state_dict(), network.second.state_dict()
    assert torch.equal(one["early.0.weight"], two["early.0.weight"])
    assert not torch.equal(one["presence.weight"], two["presence.weight"])


@pytest.mark.parametrize("content", [None, b"", b"<!DOCTYPE html><title>404</title>", b"PK\x03"])
def test_another_kind_of_file_is_refused(content: bytes | None, tmp_path: Path) -> None:
    # Given weights of something else, an empty file, a page, or a damaged one
    path = tmp_path / "other.pth"
    torch.save({"weight": torch.zeros(3)}, path)
    if content is not None:
        path.write_bytes(content)

    # When they are to be used
    # Then the error says which file is wanted
    with pytest.raises(ValueError, match="torchvision's resnet18"):
        put_imagenet_weights(path, DensaNet())
