"""The network is asked about the windows that serving cuts."""

import numpy as np
import torch

from services.training.answering import answer, cut_windows, largest_by
from services.training.dataset import Example
from services.training.network import DensaNet
from tests.training_data import TINY


def test_an_image_gets_the_largest_of_its_windows() -> None:
    # Given values of three windows, of which two are one image's
    values = np.array([[0.1, 0.9], [0.4, 0.2], [0.3, 0.3]])

    # When they are taken together
    # Then each output has its largest
    assert largest_by(values, np.array([0, 0, 1])).tolist() == [[0.4, 0.9], [0.3, 0.3]]


def test_every_window_is_asked_and_none_of_it_depends_on_the_batch() -> None:
    # Given a small and a large image
    rng = np.random.default_rng(1)
    sizes = ((64, 64), (64, 200))
    images = [rng.integers(0, 256, size, dtype=np.uint8) for size in sizes]
    examples = [Example(image, None, (0,) * 5) for image in images]
    torch.manual_seed(1)
    network = DensaNet()

    # When they are asked about together and each alone
    together = answer(network, examples, TINY)
    alone = [answer(network, [example], TINY) for example in examples]

    # Then the large one had several windows, and answers and features are the same
    assert together.owner.tolist() == [0, 1, 1, 1, 1]
    assert len(cut_windows(examples, TINY)[0]) == len(together.features) == 5
    expected = np.concatenate([each.logits for each in alone])
    np.testing.assert_allclose(together.logits, expected, rtol=1e-4, atol=1e-4)
    features = np.concatenate([each.features for each in alone])
    np.testing.assert_allclose(together.features, features, rtol=1e-3, atol=1e-4)
