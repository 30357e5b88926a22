"""`python -m tests.page_pictures DIR [DOCS]`: pictures of the page's states, on the samples.

A real stack with the model that ships; `make screenshots`. DOCS gets the two of the README.
"""

import signal
import sys
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page, expect

from services.stack.settings import BUNDLE
from tests.page_browser import browsers, card
from tests.stack_fixture import real_stack

SAMPLES = Path(__file__).parents[1] / "services/stack/samples"
LOOKS: tuple[tuple[Literal["light", "dark"], int, int], ...] = (
    ("dark", 1280, 900),
    ("light", 1280, 900),
    ("light", 820, 1180),
)
"""Light or dark, and the window: a desk, and a tablet held upright."""
IN_DOCS = {"page-list": "cards-dark-1280", "page-viewer": "viewer-light-1280"}
SETTINGS = {"DENSA_WEB_CASE_QUIET_SECONDS": "2"}


def _take(page: Page, directory: Path, state: str) -> None:
    for scheme, width, height in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=directory / f"{state}-{scheme}-{width}.png")


def _choose(page: Page, case: str, *numbers: int) -> None:
    page.get_by_label("Case", exact=True).fill(case)
    files = [next(SAMPLES.glob(f"micrograph-{number:02}.*")) for number in numbers]
    page.locator("#files").set_input_files(files)


def _states(page: Page, directory: Path) -> None:
    _take(page, directory, "empty")
    page.get_by_label("Your initials").fill("AB")
    _choose(page, "B-17", 4, 6, 3)
    _choose(page, "B-18", 5, 1, 2)
    expect(page.locator(".card .output")).to_have_count(30)
    expect(page.locator(".case .state", has_text="The answer for the case")).to_have_count(2)
    for picture in page.locator(".title img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    page.evaluate("window.scrollTo(0, document.querySelector('#results-title').offsetTop - 12)")
    _take(page, directory, "cards")
    card(page, "micrograph-06").locator(".title").click()
    expect(page.locator("#overlay")).to_be_visible()
    page.keyboard.press("2")
    page.get_by_role("button", name="Agree with the model").click()
    expect(page.locator("#read [role=status]")).to_have_text("Saved.")
    _take(page, directory, "viewer")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Table", exact=True).click()
    page.locator("#history summary").click()
    page.evaluate("window.scrollTo(0, document.querySelector('#results-title').offsetTop - 12)")
    _take(page, directory, "table")
    page.get_by_role("button", name="Cards", exact=True).click()


def main(directory: Path, docs: Path | None) -> None:
    """Every state in every look."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        with (
            real_stack(BUNDLE, root / "data", page_port=0, settings=SETTINGS) as stack,
            browsers(root / "profile") as (context,),
        ):
            page = context.pages[0]
            page.goto(stack.stack.page)
            expect(page.locator("#service")).to_have_text("Ready")
            _states(page, directory)
            stack.signal("gateway", signal.SIGSTOP)
            page.locator("#files").set_input_files(
                {"name": "cut.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}
            )
            expect(page.locator("#service")).to_contain_text("is away")
            page.evaluate("window.scrollTo(0, 0)")
            _take(page, directory, "away")
            stack.signal("gateway", signal.SIGCONT)
            expect(page.locator(".card .error")).to_have_count(1)
            page.locator(".card .error").scroll_into_view_if_needed()
            _take(page, directory, "error")
    if docs is None:
        return
    for target, source in IN_DOCS.items():
        with Image.open(directory / f"{source}.png") as picture:
            picture.convert("RGB").save(docs / f"{target}.jpg", quality=82, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
