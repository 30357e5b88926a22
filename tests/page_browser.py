"""The page in a real browser: what its tests do with it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import (
    BrowserContext,
    FilePayload,
    Locator,
    Page,
    expect,
    sync_playwright,
)

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PATIENCE_MS = 90_000
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@contextmanager
def browsers(*profiles: Path) -> Iterator[list[BrowserContext]]:
    """A browser for each profile: as on different computers."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        contexts = [
            playwright.chromium.launch_persistent_context(
                profile,
                executable_path=CHROMIUM,
                args=ARGUMENTS,
                viewport={"width": 1280, "height": 900},
            )
            for profile in profiles
        ]
        for context in contexts:
            context.set_default_timeout(PATIENCE_MS)
        try:
            yield contexts
        finally:
            for context in contexts:
                context.close()


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    """Gives files to the page, as if someone had chosen them."""
    page.locator("#files").set_input_files(
        [FilePayload(name=name, mimeType="image/png", buffer=data) for name, data in files]
    )


def card(page: Page, name: str) -> Locator:
    """The card of an image."""
    return page.locator(".card", has_text=name)


def expect_answered(page: Page, names: list[str]) -> None:
    """Every image has its five probabilities, and there is no other image."""
    expect(page.locator(".card .output")).to_have_count(5 * len(names))
    expect(page.locator(".card")).to_have_count(len(names))
    for name in names:
        expect(card(page, name)).to_have_count(1)


def exported(page: Page, address: str) -> Any:
    """All that the page knows."""
    return page.request.get(f"{address}/export/results.json").json()


def forget_all(page: Page, address: str) -> None:
    """Deletes what other tests left."""
    for image in exported(page, address)["images"]:
        page.request.delete(f"{address}/api/images/{image['id']}", headers={"X-Densa-Page": "1"})


def violations(page: Page, axe: str) -> list[str]:
    """What axe finds, in light and in dark."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(axe)
        report = page.evaluate("() => axe.run()")
        assert report["passes"]
        for one in report["violations"]:
            where = [node["target"] for node in one["nodes"][:3]]
            found.append(f"{scheme}: {one['id']} {where}")
    return found
