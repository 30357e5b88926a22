"""Readers and model against the reference: the published table, with paired differences."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from services.training.manifest import Labels
from services.training.report.readers import describe_readers
from tests.unit.training.evaluations import make_evaluation, make_record


def wrong_in(share: float, labels: Labels, rng: np.random.Generator) -> Labels:
    """What a reader says who errs in `share` of the labels."""
    return tuple(int(bool(value) ^ (rng.random() < share)) for value in labels)


def test_reader_and_model_are_compared_on_the_images_that_were_read() -> None:
    # Given a reader who errs in 5 % of every second image and did not read the others
    plain = make_evaluation(count=400)
    rng = np.random.default_rng(2)
    records = [
        make_record(
            n,
            record.labels,
            patient=record.patient,
            readers={"A": wrong_in(0.05, record.labels, rng)} if n % 2 else {},
        )
        for n, record in enumerate(plain.records)
    ]
    evaluation = make_evaluation(count=400, records=records)

    # When they are compared
    found = describe_readers(evaluation)["A"]["presence"]

    # Then both kappas are scikit-learn's on those images, and the difference is theirs
    truth = plain.truth.positive[1::2, 0]
    read = [record.readers["A"][0] for record in records[1::2]]
    reader = cohen_kappa_score(truth, read)
    model = cohen_kappa_score(truth, plain.calls[1::2, 0])
    assert found["images"] == 200
    assert found["reader"]["kappa"]["value"] == pytest.approx(reader)
    assert found["model"]["kappa"]["value"] == pytest.approx(model)
    assert found["difference"]["kappa"]["value"] == pytest.approx(model - reader)
    assert found["difference"]["accuracy"]["high"] < 0.0


def test_a_reader_who_says_what_the_model_calls_differs_by_nothing() -> None:
    # Given a reader who copies the model
    plain = make_evaluation()
    records = [
        make_record(n, record.labels, readers={"copy": tuple(plain.calls[n].astype(int).tolist())})
        for n, record in enumerate(plain.records)
    ]

    # When they are compared
    found = describe_readers(make_evaluation(records=records))["copy"]

    # Then the paired difference is exactly nothing, though each alone has an interval
    for each in found.values():
        assert each["difference"]["accuracy"] == {"value": 0.0, "low": 0.0, "high": 0.0}
        assert each["model"]["accuracy"]["low"] < each["model"]["accuracy"]["high"]


def test_without_readers_there_is_no_table() -> None:
    # Given a manifest without readers
    # When they are described
    # Then there is nothing
    assert describe_readers(make_evaluation()) == {}
