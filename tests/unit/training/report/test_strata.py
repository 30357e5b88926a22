"""Parts of the images get the numbers of just these images."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from services.training.report.strata import MOST_LEVELS, describe_strata
from tests.unit.training.evaluations import make_evaluation, make_record


def test_a_part_is_measured_on_its_own_images() -> None:
    # Given images of two microscopes
    plain = make_evaluation()
    records = [
        make_record(n, record.labels, patient=record.patient, microscope="AB"[n // 2 % 2])
        for n, record in enumerate(plain.records)
    ]

    # When they are described
    parts = describe_strata(make_evaluation(records=records))["microscope"]

    # Then each part has the AUC and the accuracy of its half
    assert [part["level"] for part in parts] == ["A", "B"]
    for number, part in enumerate(parts):
        inside = np.arange(len(records)) // 2 % 2 == number
        truth, score = plain.truth.positive[inside, 0], plain.probabilities[inside, 0]
        found = part["outputs"]["presence"]
        assert part["patients"] == 30
        assert found["auc"]["value"] == pytest.approx(roc_auc_score(truth, score))
        assert found["auc"]["low"] < found["auc"]["value"] < found["auc"]["high"]
        assert found["accuracy"]["value"] == pytest.approx((truth == (score >= 0.5)).mean())


def test_an_image_counts_for_each_of_its_artefacts() -> None:
    # Given images with a fold, with a fold and a tear, and with none
    artefacts = (("fold",), ("fold", "tear"), ())
    records = [
        make_record(n, record.labels, artefacts=artefacts[n % 3])
        for n, record in enumerate(make_evaluation().records)
    ]

    # When they are described
    parts = describe_strata(make_evaluation(records=records))["artefact"]

    # Then the fold has two thirds, the others one third each
    assert {part["level"]: part["micrographs"] for part in parts} == {
        "fold": 80,
        "none": 40,
        "tear": 40,
    }


def test_pixel_sizes_are_binned_and_what_nobody_stated_is_left_out() -> None:
    # Given pixel sizes on and between the edges, and no microscope or disease
    sizes = [9.9, 10.0, 20.0, 29.9, 30.0, None] * 20

    # When they are described
    found = describe_strata(make_evaluation(pixel_sizes_nm=sizes))

    # Then each size is in its bin
    assert {part["level"]: part["micrographs"] for part in found.pop("pixel size")} == {
        "below 10 nm": 20,
        "10 to 15 nm": 20,
        "20 to 30 nm": 40,
        "30 nm and more": 20,
        "not stated": 20,
    }
    assert found == {}


def test_the_smallest_of_many_parts_share_a_line() -> None:
    # Given a disease for every second image
    records = [
        make_record(n, record.labels, disease=f"disease {n // 2}")
        for n, record in enumerate(make_evaluation().records)
    ]

    # When they are described
    parts = describe_strata(make_evaluation(records=records))["disease"]

    # Then the report stays readable, and no image is lost
    assert len(parts) == MOST_LEVELS + 1
    assert parts[-1]["level"] == "others"
    assert sum(part["micrographs"] for part in parts) == len(records)
