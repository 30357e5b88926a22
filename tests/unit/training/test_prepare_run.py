"""The folder of a run belongs to one set of settings and one set of data."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.training.checkpoint import START
from services.training.manifest_check import read_manifest
from services.training.prepare_run import RunError, open_run, read_run
from tests.training_data import TINY, draw_data_set


def test_a_run_is_opened_again_with_the_same_split(tmp_path: Path) -> None:
    # Given data and a new run
    manifest = draw_data_set(tmp_path / "data", patients=8)
    records = read_manifest(manifest)
    first = open_run(tmp_path / "run", TINY, manifest, records)

    # When it is opened again
    second = open_run(tmp_path / "run", TINY, manifest, records)

    # Then the same records are on both sides, no patient on both, none lost
    assert first == second
    training, validation = first
    assert not {r.patient for r in training} & {r.patient for r in validation}
    assert len(training) + len(validation) == len(records)
    assert read_run(tmp_path / "run", manifest)[2] == {r.patient for r in validation}


def test_other_settings_and_other_data_are_refused(tmp_path: Path) -> None:
    # Given a run
    manifest = draw_data_set(tmp_path / "data", patients=6)
    records = read_manifest(manifest)
    open_run(tmp_path / "run", TINY, manifest, records)

    # When it is opened with another seed, and after the manifest has changed
    # Then both are refused, with the reason
    with pytest.raises(RunError, match="seed was 3, now 4"):
        open_run(tmp_path / "run", replace(TINY, seed=4), manifest, records)
    manifest.write_text(manifest.read_text() + "\n")
    with pytest.raises(RunError, match="has changed since"):
        open_run(tmp_path / "run", TINY, manifest, records)


def test_crops_without_masks_are_refused(tmp_path: Path) -> None:
    # Given data without masks
    manifest = draw_data_set(tmp_path / "data", patients=6)
    records = [replace(record, mask=None) for record in read_manifest(manifest)]

    # When a run on small crops is opened
    # Then the error says what to do
    with pytest.raises(RunError, match="--crop-epochs 0"):
        open_run(tmp_path / "run", replace(TINY, size=128), manifest, records)


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    # Given an empty folder
    # When it is read as a run
    # Then the error names it
    with pytest.raises(RunError, match="no folder of a training run"):
        read_run(tmp_path, tmp_path / "manifest.csv")


def test_a_run_that_begins_with_weights_keeps_their_held_out_patients(tmp_path: Path) -> None:
    # Given a run with a checkpoint, and data with one patient more
    first = draw_data_set(tmp_path / "first", patients=8)
    _, held_out = open_run(tmp_path / "run", TINY, first, read_manifest(first))
    (tmp_path / "run" / "best.pt").write_bytes(b"weights")
    second = draw_data_set(tmp_path / "second", patients=9)

    # When another run begins with its weights, with another seed
    _, kept = open_run(
        tmp_path / "next",
        replace(TINY, seed=77),
        second,
        read_manifest(second),
        tmp_path / "run" / "best.pt",
    )

    # Then the same patients are held out, and the weights lie beside the settings
    assert {record.patient for record in kept} == {record.patient for record in held_out}
    assert (tmp_path / "next" / START).read_bytes() == b"weights"


def test_going_on_with_training_patients_alone_is_refused(tmp_path: Path) -> None:
    # Given a run, and its data without the patients that it held out
    first = draw_data_set(tmp_path / "first", patients=6)
    trained_on, _ = open_run(tmp_path / "run", TINY, first, read_manifest(first))
    best = tmp_path / "run" / "best.pt"
    best.write_bytes(b"weights")

    # When a run on these begins with its weights
    # Then it is refused, as nobody would be held out
    with pytest.raises(RunError, match="none of the patients"):
        open_run(tmp_path / "next", TINY, first, trained_on, best)


def test_a_run_on_wholly_other_patients_splits_them_anew(tmp_path: Path) -> None:
    # Given a run on one population, and another population
    first = draw_data_set(tmp_path / "first", patients=6)
    open_run(tmp_path / "run", TINY, first, read_manifest(first))
    best = tmp_path / "run" / "best.pt"
    best.write_bytes(b"weights")
    other = draw_data_set(tmp_path / "other", patients=6, seed=2)

    # When a run on the other begins with its weights
    training, kept = open_run(tmp_path / "next", TINY, other, read_manifest(other), best)

    # Then some of the new patients are held out
    assert kept
    assert not {each.patient for each in kept} & {each.patient for each in training}
