"""The folder of a run belongs to one set of settings and one set of data."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.training.checkpoint import START
from services.training.manifest import Record
from services.training.prepare_run import RunError, open_run, read_run
from services.training.splits import SIDES, on_side
from tests.training_data import EACH_LOCATION, NORMAL, TINY, make_records

RECORDS = make_records({NORMAL: 12, **dict.fromkeys(EACH_LOCATION, 12)})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A manifest; only its bytes matter here."""
    path = tmp_path / "manifest.csv"
    path.write_text("a manifest\n")
    return path


def test_a_run_is_opened_again_with_the_same_split(tmp_path: Path, data: Path) -> None:
    # Given data and a new run
    first = open_run(tmp_path / "run", TINY, data, RECORDS)

    # When it is opened again
    second = open_run(tmp_path / "run", TINY, data, RECORDS)

    # Then every patient is on the same side, and no record was lost
    assert first == second == read_run(tmp_path / "run", data)[2]
    assert sum(len(on_side(RECORDS, first, side)) for side in SIDES) == len(RECORDS)


def test_the_split_of_the_manifest_is_kept_to(tmp_path: Path, data: Path) -> None:
    # Given records with a split of their own
    own = dict(zip((r.patient for r in RECORDS[::3]), [*SIDES] * 15, strict=True))
    records = [replace(record, split=own[record.patient]) for record in RECORDS]

    # When a run is opened
    # Then its split is that one
    assert open_run(tmp_path / "run", TINY, data, records) == own


def test_a_split_for_some_patients_only_is_refused(tmp_path: Path, data: Path) -> None:
    # Given records of which one patient has no split
    records = [replace(record, split="train") for record in RECORDS]
    records[0] = replace(records[0], split="", patient="somebody")

    # When a run is opened
    # Then the patient is named
    with pytest.raises(RunError, match="somebody"):
        open_run(tmp_path / "run", TINY, data, records)


def test_a_split_that_leaves_a_class_empty_is_refused_before_anything_is_written(
    tmp_path: Path, data: Path
) -> None:
    # Given records of one location only
    records = make_records({NORMAL: 10, EACH_LOCATION[0]: 10})

    # When a run is opened
    # Then it is refused, and there is no folder
    with pytest.raises(ValueError, match=r"no image of the whole manifest has: .*subepithelial 1"):
        open_run(tmp_path / "run", TINY, data, records)
    assert not (tmp_path / "run").exists()


def test_other_settings_and_other_data_are_refused(tmp_path: Path, data: Path) -> None:
    # Given a run
    open_run(tmp_path / "run", TINY, data, RECORDS)

    # When it is opened with another seed, and after the manifest has changed
    # Then both are refused, with the reason
    with pytest.raises(RunError, match="seed was 3, now 4"):
        open_run(tmp_path / "run", replace(TINY, seed=4), data, RECORDS)
    data.write_text("another manifest\n")
    with pytest.raises(RunError, match="has changed since"):
        open_run(tmp_path / "run", TINY, data, RECORDS)


def test_crops_without_masks_are_refused(tmp_path: Path, data: Path) -> None:
    # Given data without masks
    # When a run on small crops is opened
    # Then the error says what to do
    with pytest.raises(RunError, match="--crop-epochs 0"):
        open_run(tmp_path / "run", replace(TINY, size=128), data, RECORDS)


def test_a_folder_that_is_no_run_is_named(tmp_path: Path, data: Path) -> None:
    # Given an empty folder
    # When it is read as a run
    # Then the error names it
    with pytest.raises(RunError, match="no folder of a training run"):
        read_run(tmp_path, data)


def with_weights(run: Path) -> Path:
    """A checkpoint in the folder of a run."""
    (run / "best.pt").write_bytes(b"weights")
    return run / "best.pt"


def test_a_run_that_begins_with_weights_keeps_their_held_out_patients(
    tmp_path: Path, data: Path
) -> None:
    # Given a run with a checkpoint, and data with more patients
    first = open_run(tmp_path / "run", TINY, data, RECORDS)
    more: list[Record] = [*RECORDS, replace(RECORDS[0], patient="newcomer")]

    # When another run begins with its weights, with another seed
    start = with_weights(tmp_path / "run")
    second = open_run(tmp_path / "next", replace(TINY, seed=77), data, more, start)

    # Then all are where they were, newcomers are trained on, and the weights lie in the folder
    assert second == {**first, "newcomer": "train"}
    assert (tmp_path / "next" / START).read_bytes() == b"weights"


def test_weights_of_other_patients_come_without_a_split(tmp_path: Path, data: Path) -> None:
    # Given a run on one population, and others
    open_run(tmp_path / "run", TINY, data, RECORDS)
    others = [replace(record, patient=f"other {record.patient}") for record in RECORDS]

    # When a run on the others begins with its weights
    split = open_run(tmp_path / "next", TINY, data, others, with_weights(tmp_path / "run"))

    # Then they are split anew
    assert set(split) == {record.patient for record in others}


def test_weights_whose_held_out_patients_are_gone_are_refused(tmp_path: Path, data: Path) -> None:
    # Given a run, and data without those that it held out
    first = open_run(tmp_path / "run", TINY, data, RECORDS)
    trained_on = on_side(RECORDS, first, "train")

    # When another run begins with its weights
    # Then it is refused, as nobody would be held out
    with pytest.raises(RunError, match="none of the patients"):
        open_run(tmp_path / "next", TINY, data, trained_on, with_weights(tmp_path / "run"))
