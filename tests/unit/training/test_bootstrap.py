"""Our intervals against independent ones: scikit-learn with weights, scipy's bootstrap, DeLong."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from services.training.bootstrap import PatientBootstrap, interval
from services.training.metrics import Flags, Floats, auc, count_calls, measures_of

Group = tuple[Flags, Floats, list[str]]


def clustered_images(patients: int, each: int, seed: int) -> Group:
    """Truth, scores with ties, and patients; images of a patient are alike."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(rng.random(patients) < 0.4, each) ^ (rng.random(patients * each) < 0.1)
    alike = np.repeat(rng.normal(size=patients), each)
    score = truth * 1.2 + alike + rng.normal(size=patients * each) * 0.5
    names = [f"p{number // each}" for number in range(patients * each)]
    return truth, np.round(score, 1), names


def test_each_draw_equals_scikit_learn_with_weights() -> None:
    # Given images of patients, some of them left out
    truth, score, patients = clustered_images(patients=40, each=3, seed=1)
    chosen = np.arange(len(truth)) % 5 != 0
    call = score > 0.5
    bootstrap = PatientBootstrap(patients, draws=25, seed=3)

    # When AUC and kappa are taken in every draw
    areas = bootstrap.aucs(truth, score, chosen)
    kappas = measures_of(bootstrap.totals(count_calls(truth, call) * chosen[:, None]))["kappa"]

    # Then each is scikit-learn's, with how often its patient was drawn as the image's weight
    names, owner = np.unique(patients, return_inverse=True)
    one_hot = (owner[:, None] == np.arange(len(names))).astype(float)
    for patient in range(len(names)):
        assert bootstrap.totals(one_hot)[:, patient].max() > 0
    weights = bootstrap.totals(one_hot)[:, owner] / one_hot.sum(axis=0)[owner]
    for draw in range(25):
        weight = weights[draw][chosen]
        expected = roc_auc_score(truth[chosen], score[chosen], sample_weight=weight)
        assert areas[draw] == pytest.approx(expected, abs=1e-6)
        agreed = cohen_kappa_score(truth[chosen], call[chosen], sample_weight=weight)
        assert kappas[draw] == pytest.approx(agreed, abs=1e-6)


def test_a_draw_holds_as_many_patients_as_there_are() -> None:
    # Given patients with one to four images
    patients = [f"p{number}" for number in range(30) for _ in range(1 + number % 4)]

    # When they are drawn, counting each patient once
    first = np.array(
        [[1.0 if patients.index(name) == at else 0.0] for at, name in enumerate(patients)]
    )
    totals = PatientBootstrap(patients, draws=50).totals(first)

    # Then every draw has 30
    assert totals.ravel().tolist() == [30.0] * 50


def test_the_interval_is_that_of_scipys_bootstrap_over_patients() -> None:
    # Given images of patients
    truth, score, patients = clustered_images(patients=60, each=3, seed=5)
    bootstrap = PatientBootstrap(patients, draws=2000)

    # When scipy draws patients again, and each statistic is taken of the listed images
    by_patient = np.arange(len(truth)).reshape(60, 3)

    def area(drawn: np.ndarray) -> float:
        index = by_patient[drawn.astype(int)].ravel()
        return auc(truth[index], score[index])

    def accuracy(drawn: np.ndarray) -> float:
        index = by_patient[drawn.astype(int)].ravel()
        return float(((score > 0.5) == truth)[index].mean())

    # Then both percentile intervals agree within what 2,000 draws leave to chance
    counts = bootstrap.totals(count_calls(truth, score > 0.5))
    ours = {
        area: interval(bootstrap.aucs(truth, score, np.ones(len(truth), bool))),
        accuracy: interval(measures_of(counts)["accuracy"]),
    }
    for statistic, found in ours.items():
        theirs = stats.bootstrap(
            (np.arange(60),),
            statistic,
            n_resamples=2000,
            vectorized=False,
            method="percentile",
            rng=np.random.default_rng(9),
        ).confidence_interval
        assert found == pytest.approx((theirs.low, theirs.high), abs=0.012)


def test_one_image_a_patient_gives_delongs_interval() -> None:
    # Given 800 images of as many patients
    truth, score, patients = clustered_images(patients=800, each=1, seed=7)

    # When DeLong's variance is taken from placements (Biometrics 1988;44:837)
    wins = np.sign(score[truth][:, None] - score[~truth][None, :]) / 2 + 0.5
    variance = (
        wins.mean(axis=1).var(ddof=1) / truth.sum() + wins.mean(axis=0).var(ddof=1) / (~truth).sum()
    )
    half = stats.norm.ppf(0.975) * np.sqrt(variance)

    # Then the bootstrap finds the same interval
    found = interval(PatientBootstrap(patients).aucs(truth, score, np.ones(800, bool)))
    assert found == pytest.approx((wins.mean() - half, wins.mean() + half), abs=0.004)


def test_alike_images_widen_the_interval() -> None:
    # Given 400 images, once as of 400 patients and once as of the 40 they are of
    truth, score, patients = clustered_images(patients=40, each=10, seed=0)
    everything = np.ones(len(truth), bool)

    # When both intervals are drawn
    alone = interval(PatientBootstrap([str(n) for n in range(400)]).aucs(truth, score, everything))
    shared = interval(PatientBootstrap(patients).aucs(truth, score, everything))

    # Then that by patient is honest about its few patients
    assert alone is not None
    assert shared is not None
    assert shared[1] - shared[0] > 1.5 * (alone[1] - alone[0])


def test_a_class_that_most_draws_lack_has_no_interval() -> None:
    # Given one image of a hundred with a deposit, among which only part is looked at
    truth = np.arange(100) == 0
    bootstrap = PatientBootstrap([str(number // 50) for number in range(100)], draws=200)

    # When its AUC is asked for where nothing has it, and where a quarter of draws lack it
    nowhere = bootstrap.aucs(truth, np.linspace(0, 1, 100), ~truth)
    mostly = bootstrap.aucs(truth, np.linspace(0, 1, 100), np.ones(100, bool))

    # Then there is none for the first, and one from the draws that have it for the second
    assert np.isnan(nowhere).all()
    assert interval(nowhere) is None
    assert 0.0 < np.isnan(mostly).mean() < 0.5
    assert interval(mostly) is not None


def test_draws_repeat_with_their_seed() -> None:
    # Given two bootstraps of the same patients
    values = np.arange(12.0).reshape(6, 2)
    patients = list("aabbcc")

    # When both add up the same values
    # Then they agree, and another seed does not
    first = PatientBootstrap(patients, 50, seed=4).totals(values)
    assert (first == PatientBootstrap(patients, 50, seed=4).totals(values)).all()
    assert (first != PatientBootstrap(patients, 50, seed=5).totals(values)).any()
