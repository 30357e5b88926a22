"""The card says what was measured on what, and what nobody stated."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from services.inference.manifest import (
    OUTPUTS,
    BundleManifest,
    Calibration,
    Golden,
    GoldenImage,
    InputContract,
)
from services.training.evaluation import metrics_of, report_of
from services.training.model_card import write_model_card
from tests.unit.training.evaluations import make_evaluation, make_record

DIGEST = "sha256:" + "0" * 64


def make_manifest(**provenance: Any) -> BundleManifest:
    golden = GoldenImage(
        file="golden/a.png", pixel_size_nm=46.0, probabilities=dict.fromkeys(OUTPUTS, 0.5)
    )
    return BundleManifest(
        name="densa-test",
        version="1.2.3",
        description="A model for tests.",
        create_time=datetime(2026, 1, 1, tzinfo=UTC),
        input=InputContract(size=224, pixel_size_nm=46.0, preprocessing="2"),
        thresholds=dict.fromkeys(OUTPUTS, 0.5),
        calibration=Calibration(method="none", parameters={}),
        files={"model.onnx": DIGEST, "golden/a.png": DIGEST},
        golden=Golden(tolerance=0.01, images=(golden,)),
        metrics={},
        provenance=provenance,
    )


def make_report(origin: str = "drawn", **fields: Any) -> dict[str, Any]:
    plain = make_evaluation()
    records = [
        make_record(n, record.labels, patient=record.patient, origin=origin, **fields)
        for n, record in enumerate(plain.records)
    ]
    evaluation = make_evaluation(records=records)
    return report_of(evaluation, metrics_of(evaluation))


def write(tmp_path: Path, manifest: BundleManifest, report: dict[str, Any]) -> str:
    write_model_card(tmp_path / "MODEL_CARD.md", manifest, report)
    return (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_a_card_of_drawn_data_says_so_before_its_numbers(tmp_path: Path) -> None:
    # Given a model trained and evaluated on drawings
    card = write(tmp_path, make_manifest(origins={"drawn": 4303}), make_report())

    # When a person reads it
    # Then it warns first, and the numbers carry intervals
    assert card.startswith("# densa-test 1.2.3\n\n**For Research Use Only.")
    assert "Trained on: 4303 drawn." in card
    assert card.index("Drawn micrographs are no patients") < card.index("## Performance")
    assert "Not evaluated on real micrographs" in card
    assert "| presence | " in card
    assert "&" not in card


def test_a_card_of_real_data_does_not_speak_of_drawings(tmp_path: Path) -> None:
    # Given a model trained and evaluated on a laboratory's images, with a reader
    report = make_report("real", readers={"A": (1, 0, 0, 0, 0)})
    card = write(tmp_path, make_manifest(origins={"real": 900}), report)

    # When a person reads it
    # Then nothing is said of drawings, and the reader is compared
    assert "Drawn micrographs are no patients" not in card
    assert "Not evaluated on real" not in card
    assert "Model minus reader" in card
    assert "Not compared with readers" not in card


def test_what_the_run_did_not_state_is_said_to_be_unknown(tmp_path: Path) -> None:
    # Given a bundle without provenance
    card = write(tmp_path, make_manifest(), make_report(""))

    # When a person reads it
    # Then it claims nothing
    assert "drawn or real is not stated" in card
    assert "The run's settings are not stated." in card
    assert "120 not stated" in card


def test_settings_and_notes_of_the_run_are_in_the_card(tmp_path: Path) -> None:
    # Given a run with settings and a note written by hand
    manifest = make_manifest(
        config={"seed": 7, "epochs": 12, "threads": 2}, notes="Small deposits are overlooked."
    )

    # When the card is written
    card = write(tmp_path, manifest, make_report())

    # Then it has both
    assert "| epochs | 12 |" in card
    assert "Small deposits are overlooked." in card


def test_what_was_trained_on_beside_the_manifest_is_named(tmp_path: Path) -> None:
    # Given a run that learnt from more drawings than its manifest lists
    manifest = make_manifest(origins={"drawn": 7080}, more="7000 drawings of 1750 more patients")

    # When the card is written
    card = write(tmp_path, manifest, make_report())

    # Then it says so beside the count of all
    assert "Trained on: 7080 drawn. Among them 7000 drawings of 1750 more patients." in card


def test_where_it_fails_most_is_named(tmp_path: Path) -> None:
    # Given a microscope whose images get noise for an answer
    plain = make_evaluation(count=400)
    records = [
        make_record(n, record.labels, patient=record.patient, microscope="good" if n % 2 else "bad")
        for n, record in enumerate(plain.records)
    ]
    noise = np.random.default_rng(0).random((400, 5))
    bad = (np.arange(400) % 2 == 0)[:, None]
    evaluation = make_evaluation(
        count=400, records=records, probabilities=np.where(bad, noise, plain.probabilities)
    )

    # When the card is written
    card = write(tmp_path, make_manifest(), report_of(evaluation, metrics_of(evaluation)))

    # Then this microscope stands under what fails most
    assert card.count("| microscope: bad |") == 5
    assert "| microscope: good |" not in card
