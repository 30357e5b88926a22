"""Crops are the same whoever draws them, and in whatever number they are drawn ahead."""

from dataclasses import replace

import numpy as np

from services.training.config import TrainConfig
from services.training.dataset import Example
from services.training.views import Batch, drawing_views

CONFIG = TrainConfig(size=64, crop=64, batch=4, threads=2)


def _examples() -> list[Example]:
    rng = np.random.default_rng(0)
    return [
        Example(
            rng.integers(0, 255, (96, 96), dtype=np.uint8),
            (rng.random((96, 96)) > 0.9).astype(np.uint8),
            (1, 1, 0, 0, None),
        )
        for _ in range(6)
    ]


def _draw(config: TrainConfig, *, remote: bool) -> list[Batch]:
    order = np.array([5, 1, 1, 0, 2, 3, 4, 5, 0, 1])
    with drawing_views(_examples(), config, remote=remote) as views:
        return list(views.batches(3, order, [0, 4, 8, 10]))


def test_processes_draw_what_threads_draw() -> None:
    # When
    here, there = _draw(CONFIG, remote=False), _draw(CONFIG, remote=True)

    # Then
    assert [len(batch.images) for batch in here] == [4, 4, 2]
    for one, other in zip(here, there, strict=True):
        for mine, theirs in zip(one, other, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_a_crop_depends_on_its_place_and_not_on_how_many_draw() -> None:
    # When
    two, four = (_draw(replace(CONFIG, threads=threads), remote=False) for threads in (2, 4))

    # Then
    for one, other in zip(two, four, strict=True):
        np.testing.assert_array_equal(one.images, other.images)


def test_the_same_image_at_two_places_of_an_epoch_gives_two_crops() -> None:
    # When
    (first, *_) = _draw(CONFIG, remote=False)

    # Then
    assert not np.array_equal(first.images[1], first.images[2])
