"""A whole pass through the page without a mouse."""

from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

from tests.images import draw_texture, png_bytes
from tests.page_browser import expect_answered

MOST_TABS = 80
FILES = {f"{name}.png": png_bytes(draw_texture(300, 300, seed=n)) for n, name in enumerate("ab")}


def _tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """As a person does: one control after the other."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        if page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_everything_can_be_done_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    # The browser is told early that files will be asked for: it shows its own window otherwise.
    files = [FilePayload(name=n, mimeType="image/png", buffer=data) for n, data in FILES.items()]
    page.on("filechooser", lambda chooser: chooser.set_files(files))

    # Given: initials, and files by the focusable control
    _tab_to(page, "#reader")
    page.keyboard.type("KB")
    _tab_to(page, "#files", "Shift+Tab")
    page.keyboard.press("Enter")
    expect_answered(page, list(FILES))

    # When: open, choose an output, hide and show the overlay, zoom, go to the next
    _tab_to(page, ".title")
    first = page.evaluate("document.activeElement.dataset.image")
    page.keyboard.press("Enter")
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("#overlay[data-output=mesangial]")).to_be_visible()
    expect(page.get_by_role("radio", name="Mesangial")).to_be_checked()
    page.keyboard.press(" ")
    expect(page.locator("#overlay")).to_be_hidden()
    page.keyboard.press(" ")
    expect(page.locator("#overlay")).to_be_visible()
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowLeft")
    assert "translate(60px, 0px) scale(1.25)" in str(
        page.locator("#picture").get_attribute("style")
    )
    title = page.locator("#viewer-title bdi")
    before = title.inner_text()
    page.keyboard.press("ArrowRight")
    expect(title).not_to_have_text(before)

    # And: record a call
    _tab_to(page, "#read select[name=presence]")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "#read button:nth-of-type(2)")
    page.keyboard.press("Enter")

    # Then: it is kept, and the focus did not go away meanwhile
    expect(page.locator("#read [role=status]")).to_have_text("Saved.")
    assert page.evaluate("document.activeElement.textContent") == "Save my call"
    expect(page.locator("#read")).to_contain_text("KB: Deposit present")

    # When
    page.keyboard.press("Escape")

    # Then: on the image that was open last, once the browser says that the dialog is closed
    expect(page.locator(f".title:focus:not([data-image='{first}'])")).to_have_count(1)

    # When
    _tab_to(page, "#views button[value=table]", "Shift+Tab")
    page.keyboard.press("Enter")
    _tab_to(page, "[data-key='sort presence']")
    page.keyboard.press("Enter")

    # Then: sorted, and the focus is where it was
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    assert page.evaluate("document.activeElement.dataset.key") == "sort presence"

    # When
    _tab_to(page, "a[href='/export/results.csv']")
    with page.expect_download() as download:
        page.keyboard.press("Enter")

    # Then
    download.value.save_as(tmp_path / "results.csv")
    assert "a.png" in (tmp_path / "results.csv").read_text()
