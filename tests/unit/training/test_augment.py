"""Crops tell the truth about what they show."""

from dataclasses import replace

import numpy as np
import pytest

from services.training import augment
from services.training.augment import DETAIL_STRIDE, MAP_STRIDE, draw_view
from services.training.dataset import Example


def make_example(masked: bool = True) -> Example:
    rng = np.random.default_rng(8)
    image = rng.integers(80, 160, size=(256, 256), dtype=np.uint8)
    mask = np.zeros((256, 256), np.uint8)
    mask[20:50, 20:50] = 3  # intramembranous, in one corner
    image[mask > 0] = 10
    return Example(image, mask if masked else None, (1, 0, 0, 1, 0))


def test_the_same_random_numbers_draw_the_same_view() -> None:
    # Given an example
    example = make_example()

    # When it is augmented twice with one seed
    first, second = (draw_view(np.random.default_rng(3), example, 128, 46.0) for _ in range(2))

    # Then the views are equal
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(first.places, second.places)


@pytest.mark.parametrize("seed", range(12))
def test_labels_places_and_details_agree(seed: int) -> None:
    # Given an example with one deposit
    example = make_example()

    # When a crop is drawn
    view = draw_view(np.random.default_rng(seed), example, 128, 46.0)

    # Then presence equals its only location, and places show it where the label does
    assert view.labels[0] == view.labels[3]
    assert view.labels[[1, 2, 4]].sum() == 0
    assert (view.details[0].max() == 1) == (view.labels[0] == 1)
    assert view.places.shape == (5, 128 // MAP_STRIDE, 128 // MAP_STRIDE)
    assert view.details.shape == (5, 128 // DETAIL_STRIDE, 128 // DETAIL_STRIDE)


def test_crops_are_aimed_at_deposits_but_not_always() -> None:
    # Given an example whose deposit few random crops would show
    example = make_example()

    # When many crops are drawn
    seen = [
        draw_view(np.random.default_rng(seed), example, 96, 46.0).labels[0] for seed in range(80)
    ]

    # Then most show it, and some do not
    assert 0.5 < np.mean(seen) < 0.95


def test_places_point_at_the_deposit() -> None:
    # Given an example with one dark deposit
    example = make_example()

    # When crops that show it are drawn
    views = [draw_view(np.random.default_rng(seed), example, 128, 46.0) for seed in range(20)]
    shown = [view for view in views if view.labels[0]]

    # Then the image is darker in positive places of the fine map than in negative ones
    assert shown
    for view in shown:
        tiles = view.image.reshape(16, 8, 16, 8).mean(axis=(1, 3))
        assert tiles[view.details[0] == 1].mean() < tiles[view.details[0] == 0].mean() - 10


def test_without_a_mask_the_labels_are_the_images() -> None:
    # Given an example without mask
    example = make_example(masked=False)

    # When a view is drawn
    view = draw_view(np.random.default_rng(1), example, 224, 46.0)

    # Then labels are those given and all places are unknown
    assert view.labels.tolist() == [1, 0, 0, 1, 0]
    assert (view.places == -1).all()


def test_a_field_smaller_than_the_crop_is_padded_with_its_median() -> None:
    # Given a small example of two greys
    example = Example(np.full((60, 60), 100, np.uint8), np.zeros((60, 60), np.uint8), (0,) * 5)

    # When larger views are drawn
    spreads = [
        draw_view(np.random.default_rng(seed), example, 128, 46.0).image.std() for seed in range(9)
    ]

    # Then mostly no border appears: all is one grey but for noise, shading and label boxes
    assert np.median(spreads) < 20


def test_what_was_not_assessed_stays_unknown_in_labels_and_places() -> None:
    # Given an example of which nobody said whether deposits are mesangial
    example = replace(make_example(), labels=(1, None, 0, 1, 0))

    # When crops are drawn
    views = [draw_view(np.random.default_rng(seed), example, 128, 46.0) for seed in range(8)]

    # Then that label and its places are unknown, and the others are not
    for view in views:
        assert np.isnan(view.labels[1])
        assert (view.places[1] == -1).all()
        assert (view.details[1] == -1).all()
        assert np.isfinite(view.labels[[0, 2, 3, 4]]).all()


def test_a_label_box_over_a_deposit_hides_it_from_the_truth() -> None:
    # Given a field whose only deposit is small
    image = np.full((128, 128), 150, np.uint8)
    mask = np.zeros((128, 128), np.uint8)
    mask[60:64, 60:64] = 1

    # When boxes are put over it at random
    hidden = []
    for seed in range(200):
        covered, left = image.copy(), mask.copy()
        augment._put_label(np.random.default_rng(seed), covered, left)
        assert (left[covered != 150] == 0).all()
        hidden.append(not left.any())

    # Then some hide all of it
    assert any(hidden)
