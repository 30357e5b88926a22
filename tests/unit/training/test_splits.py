"""The split is by patient, keeps rare labels on both sides, and repeats."""

from pathlib import Path

import pytest

from services.training.manifest import Record
from services.training.splits import load_split, save_split, split_patients

NORMAL, MESANGIAL, RARE = (0, 0, 0, 0, 0), (1, 1, 0, 0, 0), (1, 0, 0, 1, 0)


def make_records(counts: dict[tuple[int, ...], int], fields: int = 3) -> list[Record]:
    return [
        Record(
            Path(f"{labels}-{patient}-{field}.png"), f"{labels}-{patient}", "", 46.0, labels, None
        )
        for labels, patients in counts.items()
        for patient in range(patients)
        for field in range(fields)
    ]


def test_every_kind_of_patient_is_on_both_sides() -> None:
    # Given many normal patients and few with a rare location
    records = make_records({NORMAL: 60, MESANGIAL: 30, RARE: 10})

    # When a fifth is held out
    validation = split_patients(records, 0.2, seed=3)

    # Then a fifth of each kind is
    for labels, expected in {NORMAL: 12, MESANGIAL: 6, RARE: 2}.items():
        assert sum(patient.startswith(f"{labels}") for patient in validation) == expected


def test_the_seed_decides() -> None:
    # Given records
    records = make_records({NORMAL: 40, MESANGIAL: 40})

    # When they are split with the same and with another seed
    first, again, other = (split_patients(records, 0.2, seed) for seed in (1, 1, 2))

    # Then the same seed repeats and the other differs
    assert first == again
    assert first != other


def test_the_order_of_the_records_does_not_matter() -> None:
    # Given records and the same in reverse
    records = make_records({NORMAL: 20, RARE: 20})

    # When both are split
    # Then the same patients are held out
    assert split_patients(records, 0.3, 1) == split_patients(records[::-1], 0.3, 1)


def test_a_split_survives_the_disk(tmp_path: Path) -> None:
    # Given a split
    records = make_records({NORMAL: 20})
    validation = split_patients(records, 0.25, 1)

    # When it is saved and loaded
    save_split(tmp_path / "split.csv", records, validation)

    # Then it is the same
    assert load_split(tmp_path / "split.csv") == validation


def test_one_patient_cannot_be_split() -> None:
    # Given a single patient
    records = make_records({NORMAL: 1})

    # When it is to be split
    # Then that is refused
    with pytest.raises(ValueError, match="1 patients cannot be split"):
        split_patients(records, 0.2, 1)
