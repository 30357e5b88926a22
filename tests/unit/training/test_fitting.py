"""What calibration images decide."""

import numpy as np
import pytest

from services.training.answering import Answers
from services.training.dataset import Example
from services.training.familiarity import fit_feature_space
from services.training.fitting import fit_answers, image_scores


def make_answers(count: int) -> tuple[Answers, list[Example]]:
    """Logits that say the truth with some noise, one window per image."""
    rng = np.random.default_rng(6)
    labels = np.zeros((count, 5), int)
    for number in range(0, count, 2):
        labels[number, 0] = labels[number, 1 + number // 2 % 4] = 1
    logits = 4.0 * (labels - 0.5) + rng.normal(size=labels.shape)
    blank = np.zeros((4, 4), np.uint8)
    examples = [Example(blank, None, tuple(row)) for row in labels.tolist()]
    return Answers(logits, rng.normal(size=(count, 20)), np.arange(count)), examples


def test_everything_that_an_answer_needs_is_fitted() -> None:
    # Given answers on calibration images, and a feature space
    answers, examples = make_answers(400)
    space = fit_feature_space(np.random.default_rng(1).normal(size=(200, 20)))

    # When all is fitted
    fitted = fit_answers(answers, examples, space)

    # Then zones hold their thresholds, and one image in a hundred is unfamiliar
    for label, threshold in fitted.thresholds.items():
        assert fitted.zones[label].low <= threshold <= fitted.zones[label].high
    assert (space.score(answers.features) > fitted.ood_threshold).mean() == pytest.approx(0.01)


def test_labels_that_were_not_assessed_change_nothing() -> None:
    # Given answers, and the same with more images of which nobody assessed the deposits
    answers, examples = make_answers(400)
    space = fit_feature_space(np.random.default_rng(1).normal(size=(200, 20)))
    more = Answers(
        np.concatenate([answers.logits, np.full((50, 5), 9.0)]),
        np.concatenate([answers.features, answers.features[:50]]),
        np.arange(450),
    )
    unknown = [Example(examples[0].image, None, (None,) * 5)] * 50

    # When both are fitted
    one = fit_answers(answers, examples, space)
    other = fit_answers(more, [*examples, *unknown], space)

    # Then probabilities, thresholds and zones are the same
    assert one.scaling == other.scaling
    assert one.thresholds == other.thresholds
    assert one.zones == other.zones


def test_an_image_is_as_strange_as_the_middle_one_of_its_windows() -> None:
    # Given scores of windows of three images
    scores = np.array([1.0, 9.0, 2.0, 5.0, 3.0, 4.0])
    owner = np.array([0, 0, 0, 1, 2, 2])

    # When they are taken together
    # Then each image has its median
    assert image_scores(scores, owner).tolist() == [2.0, 5.0, 3.5]
