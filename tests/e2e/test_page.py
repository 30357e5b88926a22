"""The page in a real browser, on a real stack."""

import csv
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from services.client import DensaClient, Image
from services.training.manifest_table import read_table
from tests.bundles import write_tiny_bundle
from tests.images import draw_texture, png_bytes, tiff_bytes
from tests.stack_fixture import RealStack, real_stack

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SHOTS = Path(os.environ["PAGE_SHOTS"]) if "PAGE_SHOTS" in os.environ else None
"""Where to keep pictures of the page: `make screenshots`."""
WIDTHS: tuple[tuple[int, Literal["dark", "light"]], ...] = (
    (1280, "dark"),
    (820, "light"),
    (1280, "light"),
)
PATIENCE_MS = 90_000
HOSTILE = '<img src=x onerror="document.title=1">\u202egpj.png'
TEXTURE = draw_texture(448, 672)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    root = tmp_path_factory.mktemp("page")
    write_tiny_bundle(root / "tiny")
    with real_stack(root / "tiny", root / "data", page_port=0) as stack:
        yield stack


@pytest.fixture
def page(stack: RealStack, tmp_path: Path) -> Iterator[Page]:
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=CHROMIUM, args=ARGUMENTS
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page = context.pages[0]
        page.goto(stack.stack.page)
        yield page
        context.close()


def _choose(page: Page, *files: tuple[str, bytes]) -> None:
    page.locator("#files").set_input_files(
        [FilePayload(name=name, mimeType="image/png", buffer=data) for name, data in files]
    )


def _picture(page: Page, name: str) -> None:
    """In light, dark, and as on a tablet, where pictures are wanted."""
    if SHOTS is None:
        return
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in WIDTHS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=SHOTS / f"{name}-{scheme}-{width}.png")


def test_a_pathologist_adds_looks_reads_reloads_exports_and_deletes(
    page: Page, stack: RealStack, tmp_path: Path
) -> None:
    # Given
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_label("Case").fill("C1")
    page.get_by_label("Your initials").fill("AB")
    wide = (TEXTURE.astype(np.uint16) * 200) + 500

    # When
    _choose(
        page,
        ("a.png", png_bytes(TEXTURE)),
        ("wide.tif", tiff_bytes(wide)),
        ("broken.png", png_bytes(TEXTURE)[:200]),
        (HOSTILE, png_bytes(TEXTURE[:, ::-1])),
    )

    # Then: a result for each, and names are text
    expect(page.locator(".card .output")).to_have_count(15)
    expect(page.locator(".card .error")).to_have_count(1)
    expect(page.get_by_text('<img src=x onerror="document.title=1">gpj.png')).to_be_visible()
    assert page.title().startswith("Densa")

    # And: the 16-bit TIFF is shown, with the overlay that the API has
    page.locator(".title", has_text="wide.tif").press("Enter")
    expect(page.locator("#preview")).to_have_js_property("naturalWidth", 672)
    page.keyboard.press("3")
    shown = page.evaluate(
        """() => { const c = document.querySelector('#overlay');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        return [c.width, c.height, [...d].filter((_, i) => i % 4 === 3)]; }"""
    )
    with DensaClient(stack.address) as densa:
        asked = Image(tiff_bytes(wide), heat_maps=("subepithelial",))
        (wanted,) = densa.classify(asked).heat_maps
    assert shown == [wanted.columns, wanted.rows, list(wanted.values)]
    page.keyboard.press(" ")
    expect(page.locator("#overlay")).to_be_hidden()
    page.keyboard.press(" ")
    expect(page.locator("#overlay")).to_be_visible()

    # When: a reader says what he sees
    page.get_by_role("button", name="Agree with the model").click()
    page.locator("#read [role=status]", has_text="Saved").or_(
        page.locator("#read p", has_text="AB:")
    ).first.wait_for()
    _picture(page, "viewer")
    page.keyboard.press("Escape")
    _picture(page, "list")

    # Then: it is there after a reload, on any computer, and in the exports
    page.reload()
    expect(page.locator(".card .output")).to_have_count(15)
    expect(page.locator("#agreement")).to_be_visible()
    address = stack.stack.page
    rows = list(
        csv.DictReader(io.StringIO(page.request.get(f"{address}/export/results.csv").text()))
    )
    assert {row["case"] for row in rows} == {"C1"}
    assert sum(bool(row["error"]) for row in rows) == 1
    assert len(page.request.get(f"{address}/export/results.json").json()["images"]) == 4
    assert page.request.get(f"{address}/export/report.pdf").body().startswith(b"%PDF")
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(page.request.get(f"{address}/export/manifest.csv").text())
    (record,) = read_table(manifest).rows
    assert Path(record.values["path"]).read_bytes() == tiff_bytes(wide)
    assert "reader:AB:presence" in record.values

    # When
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".title", has_text="broken.png").click()
    page.get_by_role("button", name="Delete image").click()

    # Then
    expect(page.locator(".card")).to_have_count(3)
    assert errors == []


def test_a_gateway_that_is_killed_costs_no_image_and_other_sites_may_not_ask(
    page: Page, stack: RealStack
) -> None:
    # Given
    before = page.locator(".card .output").count()
    gateway = stack.stack.processes.gateway
    assert gateway.process is not None

    # When
    gateway.process.kill()
    _choose(page, ("while-away.png", png_bytes(draw_texture(300, 300, seed=7))))

    # Then
    card = page.locator(".card", has_text="while-away.png")
    expect(card.locator(".output")).to_have_count(5)
    assert before >= 0
    answer = page.request.post(f"{stack.stack.page}/api/images?name=x", data=b"x")
    assert answer.status == 403
    assert (
        "script-src 'self'" in page.request.get(stack.stack.page).headers["content-security-policy"]
    )
