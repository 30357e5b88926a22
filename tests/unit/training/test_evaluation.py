"""From answers to a report: the numbers are those of the images they should be of."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from services.inference.manifest import OUTPUTS
from services.inference.preprocessing import Box
from services.training.answers import Answer
from services.training.evaluation import evaluate_model, metrics_of, report_of, write_answers
from services.training.manifest import LABELS, Labels, Record
from tests.unit.training.evaluations import make_evaluation, make_record


class FakeAnswerer:
    """Says 0.9 of the first image, 0.8 of the second, and so on; points at the upper left."""

    name = "fake 1"
    thresholds: ClassVar[dict[str, float]] = dict.fromkeys(OUTPUTS, 0.75)
    about: ClassVar[dict[str, object]] = {"graph_digest": "sha256:0"}

    def answer(self, records: Iterable[Record]) -> Iterator[Answer]:
        """One window of 40 pixels each."""
        maps = np.zeros((1, 5, 4, 4), np.float32)
        maps[:, :, 0, 0] = 1.0
        for number, _ in enumerate(records):
            value = 0.9 - number / 10
            yield Answer(
                probabilities=np.full(5, value),
                uncalibrated=np.full(5, value / 2),
                maps=maps,
                boxes=(Box(0.0, 0.0, 40.0, 40.0),),
                pixel_size_nm=25.0,
            )


def test_every_record_gets_its_own_answer_and_its_heat_map_is_judged(tmp_path: Path) -> None:
    # Given three micrographs, the second with a deposit in the upper left
    mask = np.zeros((40, 40), np.uint8)
    mask[:5, :5] = 1
    cv2.imwrite(str(tmp_path / "m.png"), mask)
    records = [
        make_record(0, (0,) * 5),
        make_record(1, (1, 1, 0, 0, 0), mask=tmp_path / "m.png"),
        make_record(2, (0,) * 5),
    ]

    # When they are evaluated
    seen: list[int] = []
    found = evaluate_model(FakeAnswerer(), records, seen.append)

    # Then answers stand in their order, and the map of the second hit
    assert found.probabilities[:, 0] == pytest.approx([0.9, 0.8, 0.7])
    assert found.uncalibrated is not None
    assert found.uncalibrated[:, 4] == pytest.approx([0.45, 0.4, 0.35])
    assert np.isnan(found.hits[[0, 2]]).all()
    assert found.hits[1, :2].tolist() == [1.0, 1.0]
    assert np.isnan(found.hits[1, 2:]).all()
    assert found.tolerances_nm[1] == 5 * 25.0
    assert seen == [1, 1, 1]


def test_metrics_and_report_are_of_the_assessed_images() -> None:
    # Given labels of which every third of one location was not assessed
    plain = make_evaluation()
    records = [
        make_record(
            n,
            (*record.labels[:3], None if n % 3 == 0 else record.labels[3], record.labels[4]),
            patient=record.patient,
        )
        for n, record in enumerate(plain.records)
    ]
    evaluation = make_evaluation(records=records)

    # When they are measured
    metrics = metrics_of(evaluation)
    report = report_of(evaluation, metrics)

    # Then the numbers are scikit-learn's on the rest, and report and metrics say the same
    known = np.arange(len(records)) % 3 != 0
    truth, score = plain.truth.positive[known, 3], plain.probabilities[known, 3]
    found = report["outputs"]["intramembranous"]
    assert metrics["intramembranous"].auc == pytest.approx(roc_auc_score(truth, score))
    assert found["auc"]["value"] == pytest.approx(metrics["intramembranous"].auc, abs=1e-4)
    assert found["assessed"] == known.sum()
    expected = cohen_kappa_score(truth, plain.calls[known, 3])
    assert found["kappa"]["value"] == pytest.approx(expected, abs=1e-4)
    assert found["kappa"]["low"] < expected < found["kappa"]["high"]
    assert sum(found["confusion"].values()) == known.sum()


def test_calls_are_those_of_the_service() -> None:
    # Given a location above its threshold in an image whose presence is not
    probabilities = np.array([[0.4, 0.6, 0.1, 0.1, 0.1], [0.6, 0.6, 0.1, 0.1, 0.1]])
    evaluation = make_evaluation(count=2, probabilities=probabilities)

    # When calls are made
    # Then a deposit is not called somewhere where none is called at all
    assert evaluation.calls[:, 1].tolist() == [False, True]


def test_an_output_with_one_class_is_reported_without_what_it_lacks() -> None:
    # Given images of which none shows a subendothelial deposit
    records = [
        make_record(number, (*record.labels[:4], 0), patient=record.patient)
        for number, record in enumerate(make_evaluation().records)
    ]
    evaluation = make_evaluation(records=records)

    # When they are reported
    metrics = metrics_of(evaluation)
    found = report_of(evaluation, metrics)["outputs"]["subendothelial"]

    # Then there is no AUC and no sensitivity, but a specificity
    assert "subendothelial" not in metrics
    assert found["auc"] is None
    assert found["sensitivity"] is None
    assert 0.0 < found["specificity"]["value"] < 1.0
    assert "roc" not in found


def test_calibration_is_measured_before_and_after() -> None:
    # Given answers that were made three times too sure before calibration
    evaluation = make_evaluation(count=2000)

    # When they are reported
    calibration = report_of(evaluation, {})["outputs"]["presence"]["calibration"]

    # Then what is served is nearer to the truth, and chance alone would leave some error
    assert calibration["after"]["brier"]["value"] < calibration["before"]["brier"]["value"]
    assert calibration["after"]["ece"] < calibration["before"]["ece"]
    assert 0.0 < calibration["after"]["ece_by_chance"] < 0.05
    assert sum(calibration["after"]["bins"]["images"]) == 2000


def test_without_the_bundles_scaling_there_is_no_before() -> None:
    # Given answers of a checkpoint
    evaluation = make_evaluation(uncalibrated=None)

    # When they are reported
    # Then only what is served has a calibration
    assert report_of(evaluation, {})["outputs"]["presence"]["calibration"]["before"] is None


def test_answers_are_written_with_blanks_where_nothing_was_assessed(tmp_path: Path) -> None:
    # Given a label that is missing
    records = [make_record(0, (1, 1, None, 0, 0)), make_record(1, (0,) * 5)]
    evaluation = make_evaluation(count=2, records=records)

    # When the answers are written
    write_answers(tmp_path / "answers.csv", evaluation)

    # Then its truth is blank, and every probability there
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        first, _ = csv.DictReader(file)
    assert first["subepithelial"] == ""
    assert all(float(first[f"p_{label}"]) > 0 for label in LABELS)


def test_an_auc_of_two_patients_claims_nothing() -> None:
    # Given one patient with a deposit, one without, and one who was not assessed for it: most
    # draws lack one of the first two
    labels: list[Labels] = [(1, 1, 0, 0, 0), (0,) * 5, (1, None, 1, 0, 0)]
    records = [make_record(number, each) for number, each in enumerate(labels)]
    scores = np.array([[0.9], [0.1], [0.5]]).repeat(5, axis=1)
    evaluation = make_evaluation(
        count=4,
        records=records,
        probabilities=scores,
        uncalibrated=None,
        hits=np.full((3, 5), np.nan),
        pixel_sizes_nm=[None] * 3,
    )

    # When it is measured
    found = metrics_of(evaluation)["mesangial"]

    # Then the AUC is 1, and anything from 0 to 1 is as likely
    assert (found.auc, found.auc_low, found.auc_high) == (1.0, 0.0, 1.0)
