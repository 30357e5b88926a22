"""A stated split keeps patients whole and leaves no class empty."""

from services.training.manifest import Labels
from services.training.manifest_contents import Listed
from services.training.manifest_splits import check_splits
from tests.unit.training.evaluations import make_record

NONE: Labels = (0, 0, 0, 0, 0)
ALL: Labels = (1, 1, 1, 1, 1)


def listed(*rows: tuple[str, str, Labels]) -> list[Listed]:
    return [
        Listed(f"line {number}", make_record(number, labels, patient=patient, split=split))
        for number, (patient, split, labels) in enumerate(rows, 2)
    ]


def test_a_manifest_without_a_split_has_no_problem_with_it() -> None:
    # Given rows that state none
    # When they are checked
    # Then nothing is asked of them
    assert check_splits(listed(("a", "", NONE), ("b", "", NONE))) == []


def test_a_good_split_passes() -> None:
    # Given both classes on both sides
    rows = [
        (side + str(n), side, truth)
        for side in ("train", "test")
        for n, truth in enumerate((NONE, ALL))
    ]

    # When it is checked
    # Then there is no problem
    assert check_splits(listed(*rows)) == []


def test_a_blank_among_splits_and_a_torn_patient_are_named() -> None:
    # Given a patient on two sides, and a row without side
    rows = listed(
        ("a", "train", NONE),
        ("a", "test", ALL),
        ("b", "", NONE),
        ("c", "train", ALL),
        ("d", "test", NONE),
    )

    # When they are checked
    problems = check_splits(rows)

    # Then both are told with their lines
    assert problems[0].startswith("line 4: split is blank")
    assert problems[1].startswith("patient a is in train (line 2) and test (line 3)")
    assert len(problems) == 2


def test_a_side_without_a_class_is_named_for_each_output() -> None:
    # Given test images of which none shows a deposit, or one was not assessed for
    rows = listed(
        ("a", "train", NONE),
        ("b", "train", ALL),
        ("c", "test", NONE),
        ("d", "test", (1, 1, None, 1, 1)),
    )

    # When they are checked
    # Then only what the rest of the manifest has is missed
    assert check_splits(rows) == [
        "split test has no micrograph with subepithelial 1; move patients into it that have"
    ]


def test_a_location_nobody_ever_had_is_not_asked_of_a_side() -> None:
    # Given a location that is 0 throughout
    truth: Labels = (1, 1, 1, 1, 0)
    rows = [
        (side + str(n), side, labels)
        for side in ("train", "validation")
        for n, labels in enumerate((NONE, truth))
    ]

    # When it is checked
    # Then that is the data's, not the split's
    assert check_splits(listed(*rows)) == []
