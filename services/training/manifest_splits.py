"""What is wrong with the split that a manifest states."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from services.training.manifest import LABELS, SPLITS, Record, truth_of
from services.training.manifest_contents import Listed


def check_splits(listed: Sequence[Listed]) -> list[str]:
    """All rows or none state a split, patients stay whole, and no side lacks a class.

    An output that has only one class in the whole manifest is not asked of any side:
    moving patients does not mend it, and a report does without its figure. Training
    cannot, and refuses such data by itself (splits.check_classes).
    """
    if not any(each.record.split for each in listed):
        return []
    problems = [
        f"{each.where}: split is blank though other rows have one; give one of {', '.join(SPLITS)}"
        for each in listed
        if not each.record.split
    ]
    return [*problems, *_torn_patients(listed), *_empty_classes(listed)]


def _torn_patients(listed: Sequence[Listed]) -> Iterator[str]:
    first: dict[str, dict[str, str]] = defaultdict(dict)
    for each in listed:
        if each.record.split:
            first[each.record.patient].setdefault(each.record.split, each.where)
    for patient, sides in first.items():
        if len(sides) > 1:
            places = " and ".join(f"{split} ({where})" for split, where in sides.items())
            yield f"patient {patient} is in {places}; a patient belongs to one split"


def _empty_classes(listed: Sequence[Listed]) -> Iterator[str]:
    whole = _classes([each.record for each in listed])
    for split in SPLITS:
        side = [each.record for each in listed if each.record.split == split]
        if not side:
            continue
        for label, classes in _classes(side).items():
            if len(whole[label]) == 2 and classes != whole[label]:
                missing = " or ".join(str(value) for value in sorted(whole[label] - classes))
                yield (
                    f"split {split} has no micrograph with {label} {missing}; move patients "
                    "into it that have"
                )


def _classes(records: Sequence[Record]) -> dict[str, set[int]]:
    truth = truth_of([record.labels for record in records])
    return {
        label: set(truth.positive[truth.assessed[:, column], column].astype(int).tolist())
        for column, label in enumerate(LABELS)
    }
