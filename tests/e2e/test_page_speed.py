"""What the page loads and draws while images come in."""

import numpy as np
from playwright.sync_api import Page, expect

from services.web.preview_process import SMALL_SIDE
from tests.images import draw_texture, tiff_bytes
from tests.page_browser import card, choose, expect_answered

MOST_LOADED = 200_000
"""Bytes, of all that the page is made of."""


def _wide(seed: int) -> bytes:
    return tiff_bytes(draw_texture(600, 900, seed).astype(np.uint16) * 200 + 500)


def test_the_page_is_light_and_its_list_has_small_pictures(page: Page) -> None:
    # Given
    loaded = page.evaluate(
        """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
        .reduce((sum, one) => sum + one.transferSize, 0)"""
    )

    # When
    choose(page, ("a.tif", _wide(1)))

    # Then
    expect(card(page, "a.tif").locator("img")).to_have_js_property("naturalWidth", SMALL_SIDE)
    assert 10_000 < loaded < MOST_LOADED


def test_what_did_not_change_is_not_drawn_anew(page: Page) -> None:
    # Given: two images with results, and what is known of the model
    expect(page.locator("#service")).to_have_class("ready")
    choose(page, ("a.tif", _wide(1)), ("b.tif", _wide(2)))
    expect_answered(page, ["a.tif", "b.tif"])
    page.evaluate(
        """() => {
          window.drawn = [];
          new MutationObserver((changes) => window.drawn.push(...changes.flatMap((change) =>
            [...change.addedNodes].flatMap((node) => [...node.querySelectorAll?.("bdi") ?? []])
              .filter((name) => name.closest(".card")).map((name) => name.textContent))))
            .observe(document.querySelector("#results"), { childList: true, subtree: true });
        }"""
    )

    # When
    choose(page, ("c.tif", _wide(3)))
    expect_answered(page, ["a.tif", "b.tif", "c.tif"])

    # Then: only the new one was put into the list, waiting and with its result
    assert set(page.evaluate("() => window.drawn")) == {"c.tif"}
