"""Which patients train, validate, calibrate and test: no patient on two sides, all labels on each.

train        what the network learns from
validation   what the best epoch is chosen by
calibration  what probabilities, thresholds and abstain zones are fitted on
test         what the bundle's figures come from; may be empty where other data are for that
"""

import csv
import io
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from services.training.atomic import replace_file
from services.training.manifest import LABELS, Record

TRAIN, VALIDATION, CALIBRATION, TEST = "train", "validation", "calibration", "test"
SIDES = (TRAIN, VALIDATION, CALIBRATION, TEST)
NEED_BOTH_CLASSES = (TRAIN, VALIDATION, CALIBRATION)
"""Calibration only where it has patients: other images may be given for it when exporting. A
test without deposits of some location leaves out a figure; the others cannot do without."""

Split = dict[str, str]
"""Side of each patient."""


def split_patients(records: Iterable[Record], shares: Mapping[str, float], seed: int) -> Split:
    """The side of each patient; `shares` names those of all sides but train.

    Patients are dealt out group by group, a group being the patients with the
    same labels, always to the side that is most behind its share: so each side
    gets its share of every group, and small groups add up over the sides.
    Raises ValueError where the shares leave nothing to train on.
    """
    held_out = sum(shares.values())
    if not 0.0 < held_out < 1.0:
        raise ValueError(
            f"the shares of patients held out add up to {held_out:g}; they must leave some to "
            "train on: give smaller ones"
        )
    wanted = {TRAIN: 1.0 - held_out, **shares}
    behind = dict.fromkeys(wanted, 0.0)
    shuffled = random.Random(seed)
    split: Split = {}
    for patients in _groups(records):
        shuffled.shuffle(patients)
        for patient in patients:
            for side, share in wanted.items():
                behind[side] += share
            side = max(behind, key=behind.__getitem__)
            behind[side] -= 1.0
            split[patient] = side
    return split


def _groups(records: Iterable[Record]) -> list[list[str]]:
    """Patients by what any of their images shows; "not assessed" counts as not seen."""
    labels: dict[str, tuple[int, ...]] = {}
    for record in records:
        known = labels.get(record.patient, (0,) * len(LABELS))
        seen = (int(label or 0) for label in record.labels)
        labels[record.patient] = tuple(map(max, known, seen))
    groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for patient in sorted(labels):
        groups[labels[patient]].append(patient)
    return [groups[signature] for signature in sorted(groups)]


def on_side(records: Iterable[Record], split: Split, side: str) -> list[Record]:
    """The records of the patients of one side."""
    return [record for record in records if split[record.patient] == side]


def check_classes(records: Sequence[Record], split: Split) -> None:
    """Each side needs images with and without each finding.

    Raises ValueError with everything that is missing at once: what no patient
    has, which no split can mend, apart from what a split can.
    """
    nowhere = _lacking(records)
    problems = []
    for side in NEED_BOTH_CLASSES:
        if side != CALIBRATION or side in split.values():
            lacking = _lacking(on_side(records, split, side))
            problems += [_missing(side, *each) for each in lacking if each not in nowhere]
    said = [_absent(nowhere)] if nowhere else []
    if problems:
        counts = Counter(split.values())
        sizes = ", ".join(f"{counts[side]} {side}" for side in SIDES)
        said.append(
            f"this split of the patients ({sizes}) leaves a class empty: {'; '.join(problems)}. "
            "Give more patients, larger shares, another --seed, or a `split` column of your own"
        )
    if said:
        raise ValueError(". Besides, ".join(said))


def missing_classes(side: str, records: Sequence[Record]) -> list[str]:
    """What `side` lacks to learn or to judge each output by."""
    return [_missing(side, *each) for each in _lacking(records)]


def _lacking(records: Sequence[Record]) -> list[tuple[str, int]]:
    """Outputs with the label, 1 or 0, that none of `records` has.

    A location is judged among images with deposits, as it is given presence.
    """
    lacking = []
    for column, label in enumerate(LABELS):
        asked = records if column == 0 else [r for r in records if r.labels[0] == 1]
        found = {record.labels[column] for record in asked}
        lacking += [(label, value) for value in (1, 0) if value not in found]
    return lacking


def _missing(side: str, label: str, value: int) -> str:
    among = "" if label == LABELS[0] else " among those with deposits"
    return f"no {side} image {'with' if value else 'without'} {label}{among}"


def _absent(nowhere: Sequence[tuple[str, int]]) -> str:
    """What to do about labels that no patient of a manifest has."""
    values: dict[str, list[str]] = defaultdict(list)
    for label, value in nowhere:
        values[label].append(str(value))
    listed = "; ".join(f"{label} {' and '.join(each)}" for label, each in values.items())
    return (
        f"no image of the whole manifest has: {listed}. No split and no --seed can help: training "
        "needs presence both as 1 and as 0, and each of the four locations both as 1 and as 0 "
        "among the images with deposits (blank is neither). Add patients that have them, drawn "
        "ones for instance: `densa phantom` draws all four, and docs/labelled-data.md says how to "
        "add them to a manifest"
    )


def save_split(path: Path, split: Split) -> None:
    """Write patient and side as CSV. Raises StorageError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["patient", "split"])
    writer.writerows(sorted(split.items()))
    replace_file(path, text.getvalue().encode())


def load_split(path: Path) -> Split:
    """A saved split. Raises OSError, or ValueError for a side that is none."""
    with path.open(newline="", encoding="utf-8") as file:
        split = {row["patient"]: row["split"] for row in csv.DictReader(file)}
    unknown = sorted(set(split.values()) - set(SIDES))
    if unknown:
        raise ValueError(f"{path} names sides that do not exist: {', '.join(unknown)}")
    return split
