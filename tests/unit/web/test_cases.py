"""When a case is to be asked about, and with which images."""

from services.web.cases import Cases
from services.web.feed import Feed
from services.web.records import NewImage, Records
from tests.unit.web.results import answer, case


def _ids(cases: Cases, name: str) -> list[str]:
    return [one.id for one in cases.to_send(name)]


def _answered(records: Records, cases: Cases, *images: str) -> None:
    for image in images:
        records.add(NewImage(image, f"{image}.png", "C1"))
        records.finish(image, answer())
    cases.answered("C1", case(len(images)), images)


def test_a_case_is_due_until_its_answer_is_over_its_images(records: Records, cases: Cases) -> None:
    # Given
    records.add(NewImage("a", "a.png", "C1"))
    assert cases.wanting() == ["C1"]

    # When
    records.finish("a", answer())

    # Then: the image has its result, the case has not
    assert cases.wanting() == ["C1"]
    cases.answered("C1", case(), ["a"])
    assert cases.wanting() == []
    assert cases.result("C1") == case()


def test_an_image_that_comes_later_is_asked_about_with_all_of_its_case(
    records: Records, cases: Cases
) -> None:
    # Given
    _answered(records, cases, "a", "b")
    assert _ids(cases, "C1") == []

    # When
    records.add(NewImage("c", "c.png", "C1"))

    # Then
    assert cases.wanting() == ["C1"]
    assert _ids(cases, "C1") == ["a", "b", "c"]


def test_an_answer_that_an_image_came_too_late_for_leaves_the_case_due(
    records: Records, cases: Cases
) -> None:
    # Given
    records.add(NewImage("a", "a.png", "C1"))

    # When: b comes while the answer over a is on its way
    records.add(NewImage("b", "b.png", "C1"))
    cases.answered("C1", case(), ["a"])

    # Then
    assert cases.wanting() == ["C1"]


def test_an_answer_leaves_a_case_due_with_an_image_that_is_asked_about_again(
    records: Records, cases: Cases
) -> None:
    # Given
    _answered(records, cases, "a", "b")

    # When: while the answer over both is on its way again
    records.ask_again("a")
    assert _ids(cases, "C1") == ["a", "b"]
    cases.answered("C1", case(2), ["a", "b"])

    # Then
    assert cases.wanting() == ["C1"]


def test_a_case_is_asked_again_without_an_image_that_was_deleted(
    records: Records, cases: Cases
) -> None:
    # Given
    _answered(records, cases, "a", "b")

    # When
    records.delete("a")

    # Then
    assert cases.wanting() == ["C1"]
    assert _ids(cases, "C1") == ["b"]


def test_a_case_without_images_has_no_answer_and_is_not_asked_about_for_ever(
    records: Records, cases: Cases
) -> None:
    # Given
    _answered(records, cases, "a")
    records.delete("a")

    # When
    cases.answered("C1", case(), ["a"])

    # Then
    assert cases.wanting() == []
    assert cases.result("C1") is None
    assert cases.all() == []


def test_what_is_known_so_far_never_becomes_less(records: Records, cases: Cases) -> None:
    # Given: all images of the case are asked about again
    _answered(records, cases, "a", "b", "c")
    records.add(NewImage("d", "d.png", "C1"))

    # When / Then
    cases.so_far("C1", case(1, final=False))
    assert cases.all()[0]["result"]["images"] == 3
    cases.so_far("C1", case(4, final=False))
    assert cases.all()[0]["result"]["images"] == 4
    assert cases.all()[0]["due"]


def test_images_without_a_case_are_asked_about_until_they_have_their_result(
    records: Records, cases: Cases
) -> None:
    # Given
    for name in ("a", "b"):
        records.add(NewImage(name, f"{name}.png"))
    assert cases.wanting() == [""]

    # When
    records.finish("a", answer())

    # Then
    assert _ids(cases, "") == ["b"]
    records.finish("b", answer())
    assert cases.wanting() == []


def test_browsers_hear_of_a_cases_answer(records: Records, cases: Cases, feed: Feed) -> None:
    # Given
    records.add(NewImage("a", "a.png", "C1"))
    records.finish("a", answer())
    seen = feed.number

    # When
    cases.answered("C1", case(), ["a"])

    # Then
    (change,) = feed.after(seen)
    assert (change["case"], change["is_case"], change["due"]) == ("C1", True, False)
    assert change["result"]["final"]
