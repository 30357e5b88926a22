"""Cases on the page: the service's own answer over their images, also when one comes late."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.client import CaseResult, DensaClient, Image
from tests.images import draw_texture, png_bytes
from tests.page_browser import card, choose, exported
from tests.stack_fixture import RealStack

FILES = {f"{n}.png": png_bytes(draw_texture(300, 300, seed=n)) for n in range(1, 5)}


def _asked(stack: RealStack, names: list[str]) -> CaseResult:
    """The answer of the API itself."""
    images = [Image(FILES[name], name, case_id="C7") for name in names]
    with DensaClient(stack.address) as densa:
        (case,) = (r for r in densa.classify_cases(images) if isinstance(r, CaseResult))
    return case


def _check_answer(page: Page, stack: RealStack, names: list[str]) -> None:
    expect(page.locator(".case .state")).to_contain_text(
        f"The answer for the case, over {len(names)} images"
    )
    everything = exported(page, stack.stack.page)
    (case,) = everything["cases"]
    wanted = _asked(stack, names)
    assert wanted.presence is not None
    known: dict[str, Any] = case["result"]
    assert (case["due"], known["final"], known["images"]) == (False, True, len(names))
    for output, one in {"presence": wanted.presence, **wanted.locations}.items():
        said = known["outputs"][output]
        assert said["probability"] == pytest.approx(one.probability, abs=1e-4)
        assert said["call"] == one.call
    first = known["outputs"]["presence"]["supporting_images"][0]["image_id"]
    name = {image["id"]: image["name"] for image in everything["images"]}[first]
    expect(page.locator(".card .title").first).to_contain_text(name)


def test_a_case_has_the_services_answer_and_an_image_that_comes_late_is_in_it(
    page: Page, stack: RealStack
) -> None:
    # Given
    page.get_by_label("Case", exact=True).fill("C7")

    # When
    choose(page, *((name, FILES[name]) for name in ("1.png", "2.png", "3.png")))

    # Then
    _check_answer(page, stack, ["1.png", "2.png", "3.png"])

    # When: the case is closed by now
    choose(page, ("4.png", FILES["4.png"]))

    # Then
    _check_answer(page, stack, ["1.png", "2.png", "3.png", "4.png"])
    expect(page.locator(".card .error")).to_have_count(0)

    # When: one is deleted
    page.on("dialog", lambda dialog: dialog.accept())
    card(page, "2.png").locator(".title").click()
    page.get_by_role("button", name="Delete image").click()

    # Then
    _check_answer(page, stack, ["1.png", "3.png", "4.png"])

    # And: what the answer rests on is one click away
    page.locator(".case .behind button").first.click()
    expect(page.locator("#viewer")).to_be_visible()


def test_where_one_upload_is_shown_the_answer_is_still_over_the_whole_case(
    page: Page, stack: RealStack
) -> None:
    # Given: a case of two uploads
    page.get_by_label("Case", exact=True).fill("C7")
    choose(page, ("1.png", FILES["1.png"]), ("2.png", FILES["2.png"]))
    _check_answer(page, stack, ["1.png", "2.png"])
    choose(page, ("3.png", FILES["3.png"]))
    _check_answer(page, stack, ["1.png", "2.png", "3.png"])

    # When
    page.locator("#history summary").click()
    page.locator("#history tbody tr", has_text="1done").get_by_role("link").click()

    # Then: and an image behind it opens, though it is not in the list
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".case .state")).to_contain_text("over 3 images.")
    expect(page.locator(".case .state")).not_to_contain_text("more could not")
    for name in ("1.png", "2.png"):
        for button in page.locator(".case .behind button", has_text=name).all()[:1]:
            button.click()
            expect(page.locator("#viewer-title")).to_have_text(f"{name} Case C7")
            page.keyboard.press("Escape")


def test_an_image_that_cannot_be_taken_is_told_beside_the_answer_for_the_case(page: Page) -> None:
    # Given
    page.get_by_label("Case", exact=True).fill("C8")

    # When
    choose(page, ("1.png", FILES["1.png"]), ("text.png", b"not an image at all"))

    # Then
    expect(page.locator(".case .state")).to_contain_text(
        "The answer for the case, over 1 image. 1 more could not be taken in."
    )
