"""The split is by patient, keeps rare labels on all sides, and repeats."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.training.manifest import Record
from services.training.splits import (
    Split,
    check_classes,
    load_split,
    missing_classes,
    on_side,
    save_split,
    split_patients,
)
from tests.training_data import EACH_LOCATION, NORMAL, make_records

SHARES = {"validation": 0.2, "calibration": 0.1, "test": 0.1}
MESANGIAL, RARE = EACH_LOCATION[0], EACH_LOCATION[2]


def count(split: Split, side: str, labels: tuple[int, ...]) -> int:
    return sum(patient.startswith(f"{labels}") for patient in split if split[patient] == side)


def test_every_side_gets_its_share_of_every_kind_of_patient() -> None:
    # Given many normal patients and few with a rare location
    records = make_records({NORMAL: 60, MESANGIAL: 30, RARE: 10})

    # When they are split
    split = split_patients(records, SHARES, seed=3)

    # Then each side has its share of each kind
    expected = {"train": (36, 18, 6), "validation": (12, 6, 2), "calibration": (6, 3, 1)}
    for side, wanted in expected.items():
        assert tuple(count(split, side, kind) for kind in (NORMAL, MESANGIAL, RARE)) == wanted


def test_groups_of_one_patient_add_up_to_the_shares() -> None:
    # Given sixteen kinds of patients, one of each
    kinds = [(1, *(number >> bit & 1 for bit in range(4))) for number in range(16)]
    records = make_records(dict.fromkeys(kinds, 1))

    # When a quarter is held out
    split = split_patients(records, {"validation": 0.25}, seed=1)

    # Then a quarter is, though no group has four
    assert sorted(split.values()).count("validation") == 4


def test_the_seed_decides() -> None:
    # Given records
    records = make_records({NORMAL: 40, MESANGIAL: 40})

    # When they are split with the same and with another seed
    first, again, other = (split_patients(records, SHARES, seed) for seed in (1, 1, 2))

    # Then the same seed repeats and the other differs
    assert first == again
    assert first != other


def test_the_order_of_the_records_does_not_matter() -> None:
    # Given records and the same in reverse
    records = make_records({NORMAL: 20, RARE: 20})

    # When both are split
    # Then the same patients are held out
    assert split_patients(records, SHARES, 1) == split_patients(records[::-1], SHARES, 1)


def test_a_split_survives_the_disk(tmp_path: Path) -> None:
    # Given a split
    split = split_patients(make_records({NORMAL: 20}), SHARES, 1)

    # When it is saved and loaded
    save_split(tmp_path / "split.csv", split)

    # Then it is the same
    assert load_split(tmp_path / "split.csv") == split


def test_a_side_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    # Given a file that names one
    (tmp_path / "split.csv").write_text("patient,split\na,holdout\n")

    # When it is loaded
    # Then the side is named
    with pytest.raises(ValueError, match="do not exist: holdout"):
        load_split(tmp_path / "split.csv")


def test_shares_that_leave_nothing_to_train_on_are_refused() -> None:
    # Given shares of everything
    # When patients are to be split
    # Then that is refused
    with pytest.raises(ValueError, match="add up to 1"):
        split_patients(make_records({NORMAL: 9}), {"validation": 0.5, "test": 0.5}, 1)


def test_all_classes_that_a_split_leaves_empty_are_named_at_once() -> None:
    # Given a split with a single patient to validate and none to calibrate
    records = make_records({NORMAL: 5, **dict.fromkeys(EACH_LOCATION, 5)})
    split = dict.fromkeys((record.patient for record in records), "train")
    split[records[0].patient] = "validation"

    # When it is checked
    with pytest.raises(ValueError, match="leaves a class empty") as caught:
        check_classes(records, split)

    # Then what validation lacks is listed, and what to do
    assert "no validation image with presence" in str(caught.value)
    assert "no validation image with subendothelial" in str(caught.value)
    assert "train image" not in str(caught.value)
    assert "calibration image" not in str(caught.value)
    assert "--seed" in str(caught.value)


def test_what_no_patient_has_is_told_apart_from_what_a_split_can_mend() -> None:
    # Given a lab that never saw an intramembranous deposit nor asked for subendothelial ones
    records = [
        replace(record, labels=(*record.labels[:4], None)) if record.presence else record
        for record in make_records(dict.fromkeys((NORMAL, *EACH_LOCATION[:2]), 9))
    ]
    split = split_patients(records, SHARES, 1)

    # When it is checked
    with pytest.raises(ValueError, match="no image of the whole manifest has") as caught:
        check_classes(records, split)

    # Then what is absent everywhere is named once, with what helps, and no other seed is advised
    message = str(caught.value)
    assert "has: intramembranous 1; subendothelial 1 and 0. No split" in message
    assert "densa phantom" in message
    assert "another --seed" not in message


def test_what_a_split_can_mend_is_told_besides() -> None:
    # Given data without intramembranous deposits, split so that none validates a mesangial one
    records = make_records({NORMAL: 9, **dict.fromkeys(EACH_LOCATION[:2], 9)})
    split = split_patients(records, SHARES, 1)
    for patient, side in split.items():
        if side == "validation" and patient.startswith(f"{MESANGIAL}"):
            split[patient] = "train"

    # When it is checked
    with pytest.raises(ValueError, match="has: intramembranous 1; subendothelial 1") as caught:
        check_classes(records, split)

    # Then both are told
    assert "no validation image with mesangial" in str(caught.value)
    assert "no validation image with intramembranous" not in str(caught.value)


def test_what_was_not_assessed_is_neither_with_nor_without() -> None:
    # Given images of which nobody looked for mesangial deposits
    records = [
        replace(record, labels=(record.labels[0], None, *record.labels[2:]))
        for record in make_records({NORMAL: 5, **dict.fromkeys(EACH_LOCATION[1:], 5)})
    ]

    # When classes are looked for
    # Then both mesangial ones are missing, and nothing else
    assert missing_classes("train", records) == [
        "no train image with mesangial among those with deposits",
        "no train image without mesangial among those with deposits",
    ]


def test_patients_that_nobody_assessed_are_split_too() -> None:
    # Given patients without a single label
    records: list[Record] = [
        replace(record, labels=(None,) * 5) for record in make_records({NORMAL: 10})
    ]

    # When they are split
    split = split_patients(records, SHARES, 1)

    # Then each has a side, and its records with it
    assert len(on_side(records, split, "train")) == 18
