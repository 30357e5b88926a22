"""Which images and places the loss looks at."""

import torch

from services.training.losses import Truth, loss_of
from services.training.network import Evidence

POSITIVE, NEGATIVE = [1.0, 1.0, 0.0, 0.0, 0.0], [0.0] * 5


def make_evidence(images: int) -> Evidence:
    generator = torch.Generator().manual_seed(1)

    def values(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator).requires_grad_()

    return Evidence(
        values(images, 5), values(images, 5, 2, 2), values(images, 8), values(images, 5, 8, 8)
    )


def make_truth(labels: list[list[float]], place: float = 0.0) -> Truth:
    count = len(labels)
    return Truth(
        torch.tensor(labels),
        torch.full((count, 5, 2, 2), place),
        torch.full((count, 5, 8, 8), place),
    )


def test_locations_learn_only_from_images_with_deposits() -> None:
    # Given one image with and one without deposits
    evidence = make_evidence(2)

    # When the loss is followed back
    torch.autograd.backward(loss_of(evidence, make_truth([POSITIVE, NEGATIVE]), map_weight=1.0))

    # Then the location outputs of the second, maps included, got no gradient; presence did
    for output in (evidence.logits, evidence.maps, evidence.details):
        assert output.grad is not None
        assert (output.grad[1, 1:] == 0).all()
        assert (output.grad[0, 1:] != 0).all()
        assert (output.grad[:, 0] != 0).all()


def test_a_batch_without_deposits_has_a_loss() -> None:
    # Given only images without deposits
    evidence = make_evidence(3)

    # When the loss is taken
    loss = loss_of(evidence, make_truth([NEGATIVE] * 3), map_weight=1.0)

    # Then it is a number
    assert torch.isfinite(loss)


def test_unknown_places_do_not_count() -> None:
    # Given images without masks
    evidence = make_evidence(2)

    # When the loss is followed back
    truth = make_truth([POSITIVE, NEGATIVE], place=-1.0)
    torch.autograd.backward(loss_of(evidence, truth, map_weight=1.0))

    # Then the maps got no gradient
    assert evidence.maps.grad is not None
    assert (evidence.maps.grad == 0).all()


def test_without_a_map_weight_only_labels_count() -> None:
    # Given evidence
    evidence = make_evidence(2)

    # When the loss is taken without maps, with two kinds of places
    with_none = loss_of(evidence, make_truth([POSITIVE, NEGATIVE], 0.0), map_weight=0.0)
    with_some = loss_of(evidence, make_truth([POSITIVE, NEGATIVE], 1.0), map_weight=0.0)

    # Then the places make no difference
    assert torch.equal(with_none, with_some)


def test_labels_that_were_not_assessed_do_not_count() -> None:
    # Given an image of which one location was not assessed, and one of which nothing was
    unknown = float("nan")
    evidence = make_evidence(2)
    truth = make_truth([[1.0, unknown, 1.0, 0.0, 0.0], [unknown] * 5])

    # When the loss is followed back
    loss = loss_of(evidence, truth, map_weight=0.0)
    torch.autograd.backward(loss)

    # Then it is a number, and only what was assessed got a gradient
    assert torch.isfinite(loss)
    assert evidence.logits.grad is not None
    assert (evidence.logits.grad[1] == 0).all()
    assert (evidence.logits.grad[0] != 0).tolist() == [True, False, True, True, True]
