"""The rule of cases is fitted on patients, whatever number of images they have."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from services.common.case_rule import read_rule
from services.training.case_fit import fit_cases
from services.training.metrics import auc


def patients_of(
    count: int, seed: int
) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Patients with one to twelve images; in every other some show a deposit."""
    rng = np.random.default_rng(seed)
    patients: list[str] = []
    truth: list[NDArray[np.float64]] = []
    for number in range(count):
        images = int(rng.integers(1, 13))
        shown = rng.random(images) < (0.4 if number % 2 else 0.0)
        patients += [f"p{number}"] * images
        truth += [np.full(5, float(each)) for each in shown]
    labels = np.array(truth)
    probabilities = expit(3.0 * (labels - 0.5) + rng.normal(size=labels.shape) * 1.2)
    return patients, probabilities, labels


def _cases(
    patients: list[str], probabilities: NDArray[np.float64], truth: NDArray[np.float64]
) -> list[tuple[float, int, bool]]:
    """Of each patient: highest presence, images, and whether one shows a deposit."""
    owner = np.array(patients)
    return [
        (
            float(probabilities[owner == name, 0].max()),
            int((owner == name).sum()),
            bool(truth[owner == name, 0].any()),
        )
        for name in sorted(set(patients))
    ]


def test_a_fitted_case_probability_means_what_it_says_however_many_images_there_are() -> None:
    # Given a rule fitted on some patients
    fitted = fit_cases(*patients_of(600, 1))
    rule = read_rule(f'{{"case": {fitted.model_dump_json()}}}').outputs["presence"]

    # When it answers for others
    cases = _cases(*patients_of(2000, 2))
    answers = np.array([rule.probability(highest, images) for highest, images, _ in cases])
    plain = np.array([highest for highest, _, _ in cases])
    images = np.array([number for _, number, _ in cases])
    truth = np.array([found for _, _, found in cases])

    # Then it is right on the average for few images and for many, where the plain rule is not
    for some in (images <= 3, images >= 9):
        wrong = abs(answers[some].mean() - truth[some].mean())
        assert wrong < 0.08
    many = images >= 9
    assert abs(plain[many].mean() - truth[many].mean()) > 2 * wrong
    assert auc(truth, answers) >= auc(truth, plain) - 0.01
    assert fitted.outputs["presence"].log_images < 0


def test_images_that_were_not_assessed_change_nothing() -> None:
    patients, probabilities, truth = patients_of(200, 3)
    unknown = np.full((50, 5), np.nan)
    more = fit_cases(
        [*patients, *(f"q{number}" for number in range(50))],
        np.concatenate([probabilities, np.full((50, 5), 0.9)]),
        np.concatenate([truth, unknown]),
    )
    assert more.outputs == fit_cases(patients, probabilities, truth).outputs


def test_a_fit_without_both_kinds_of_patients_is_refused() -> None:
    patients, probabilities, truth = patients_of(40, 4)
    truth[:, 3] = 0.0
    with pytest.raises(ValueError, match="intramembranous needs patients"):
        fit_cases(patients, probabilities, truth)
