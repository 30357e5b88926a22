"""Training and validation patients: no patient in both, rare locations in either."""

import csv
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from services.training.manifest import Record


def split_patients(records: Sequence[Record], share: float, seed: int) -> set[str]:
    """Patients for validation, about `share` of each group of patients with the same labels.

    Raises ValueError where one side would be empty.
    """
    labels: dict[str, tuple[int, ...]] = {}
    for record in records:
        known = labels.get(record.patient, (0,) * len(record.labels))
        labels[record.patient] = tuple(map(max, known, record.labels))
    groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for patient in sorted(labels):
        groups[labels[patient]].append(patient)
    chosen: set[str] = set()
    carried = 0.0
    shuffled = random.Random(seed)
    for signature in sorted(groups):
        patients = groups[signature]
        shuffled.shuffle(patients)
        # The remainder goes on to the next group, so that small groups add up.
        carried += share * len(patients)
        count = min(int(carried + 0.5), len(patients))
        carried -= count
        chosen.update(patients[:count])
    if not chosen or len(chosen) == len(labels):
        raise ValueError(
            f"{len(labels)} patients cannot be split with a validation share of {share}: "
            "give more patients or another --validation-share"
        )
    return chosen


def save_split(path: Path, records: Sequence[Record], validation: set[str]) -> None:
    """Write patient and side as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["patient", "split"])
        for patient in sorted({record.patient for record in records}):
            writer.writerow([patient, "validation" if patient in validation else "train"])


def load_split(path: Path) -> set[str]:
    """The validation patients of a saved split. Raises OSError."""
    return {patient for patient, side in _rows(path) if side == "validation"}


def load_patients(path: Path) -> set[str]:
    """All patients of a saved split. Raises OSError."""
    return {patient for patient, _ in _rows(path)}


def _rows(path: Path) -> list[tuple[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["patient"], row["split"]) for row in csv.DictReader(file)]
