"""A pathologist's way through the page, in a real browser, on a real stack."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from services.client import DensaClient, Image
from services.training.manifest_table import read_table
from tests.images import draw_texture, png_bytes, tiff_bytes
from tests.page_browser import card, choose, exported, violations
from tests.stack_fixture import RealStack

HOSTILE = '<img src=x onerror="document.title=1">\u202egpj.png'
TEXTURE = draw_texture(448, 672)
WIDE = tiff_bytes((TEXTURE.astype(np.uint16) * 200) + 500)


def _rows(page: Page, address: str, kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.request.get(f"{address}/export/{kind}").text())))


def _overlay(page: Page) -> Any:
    """Columns, rows and opacities of what is painted over the open image."""
    return page.evaluate(
        """() => { const c = document.querySelector('#overlay');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        return [c.width, c.height, [...d].filter((_, i) => i % 4 === 3)]; }"""
    )


def test_a_pathologist_adds_looks_reads_reloads_exports_and_deletes(
    page: Page, stack: RealStack, tmp_path: Path
) -> None:
    # Given
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Case", exact=True).fill("C1")
    page.get_by_label("Your initials").fill("AB")

    # When
    choose(
        page,
        ("a.png", png_bytes(TEXTURE)),
        ("wide.tif", WIDE),
        ("broken.png", png_bytes(TEXTURE)[:200]),
        (HOSTILE, png_bytes(TEXTURE[:, ::-1])),
    )

    # Then: a result for each, and names are text
    expect(page.locator(".card .output")).to_have_count(15)
    expect(page.locator(".card .error")).to_have_count(1)
    expect(page.locator(".card", has_text='<img src=x onerror="document.title=1">')).to_be_visible()
    assert page.title().startswith("Densa")
    expect(page.locator("#progress")).to_have_text("All 4 answered")
    expect(card(page, "a.png").locator(".mark, .zone")).to_have_count(5)

    # And: the 16-bit TIFF is shown, with the overlay that the API has
    page.locator(".title", has_text="wide.tif").press("Enter")
    expect(page.locator("#preview")).to_have_js_property("naturalWidth", 672)
    page.keyboard.press("3")
    expect(page.locator("#overlay[data-output=subepithelial]")).to_be_visible()
    with DensaClient(stack.address) as densa:
        (wanted,) = densa.classify(Image(WIDE, heat_maps=("subepithelial",))).heat_maps
    assert _overlay(page) == [wanted.columns, wanted.rows, list(wanted.values)]
    page.keyboard.press(" ")
    expect(page.locator("#overlay")).to_be_hidden()
    page.keyboard.press(" ")
    expect(page.locator("#overlay")).to_be_visible()

    # When: a reader says what he sees
    page.get_by_role("button", name="Agree with the model").click()

    # Then: it is there after a reload, on any computer, and in the exports
    expect(page.locator("#read [role=status]")).to_have_text("Saved.")
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator(".card .output")).to_have_count(15)
    expect(page.locator("#agreement")).to_be_visible()
    _check_exports(page, stack.stack.page, tmp_path)

    # When
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".title", has_text="broken.png").click()
    page.get_by_role("button", name="Delete image").click()

    # Then
    expect(page.locator(".card")).to_have_count(3)
    assert errors == []
    assert asked
    assert [url for url in asked if not url.startswith(stack.stack.page)] == []


def _check_exports(page: Page, address: str, directory: Path) -> None:
    rows = _rows(page, address, "results.csv")
    assert {row["case"] for row in rows} == {"C1"}
    assert sum(bool(row["error"]) for row in rows) == 1
    everything = exported(page, address)
    assert len(everything["images"]) == 4
    known = {row["output"]: row for row in _rows(page, address, "agreement.csv")}
    for output, one in everything["agreement"].items():
        assert [known[output]["pairs"], known[output]["agree"]] == [
            str(one["n"]),
            str(one["agree"]),
        ]
    assert any(row["pairs"] == "1" for row in known.values())
    (case,) = _rows(page, address, "cases.csv")
    assert case["case"] == "C1"
    assert page.request.get(f"{address}/export/report.pdf").body().startswith(b"%PDF")
    manifest = directory / "manifest.csv"
    manifest.write_text(page.request.get(f"{address}/export/manifest.csv").text())
    (record,) = read_table(manifest).rows
    assert Path(record.values["path"]).read_bytes() == WIDE
    assert "reader:AB:presence" in record.values


def test_files_may_be_dropped_and_pasted(page: Page) -> None:
    # When
    for event, name in (("drop", "dropped.png"), ("paste", "pasted.png")):
        pixels = list(png_bytes(draw_texture(300, 300, seed=len(name))))
        page.evaluate(
            """([event, name, pixels]) => {
                const given = new DataTransfer();
                given.items.add(new File([new Uint8Array(pixels)], name, {type: "image/png"}));
                document.dispatchEvent(event === "drop"
                    ? new DragEvent("drop", {dataTransfer: given, cancelable: true})
                    : new ClipboardEvent("paste", {clipboardData: given}));
            }""",
            [event, name, pixels],
        )

    # Then
    expect(page.locator(".card .output")).to_have_count(10)
    expect(card(page, "dropped.png")).to_have_count(1)
    expect(card(page, "pasted.png")).to_have_count(1)


def test_a_hostile_name_is_text_wherever_it_stands(page: Page) -> None:
    # Given
    page.get_by_label("Case", exact=True).fill(HOSTILE)
    choose(page, (HOSTILE, png_bytes(TEXTURE)))
    shown = HOSTILE.replace("\u202e", "")
    expect(page.locator(".card .output")).to_have_count(5)
    expect(page.locator(".case .output")).to_have_count(5)

    # When / Then
    expect(page.locator("h3 bdi")).to_have_text(f"Case {shown}")
    expect(page.locator(".behind button").first).to_have_text(shown)
    page.locator("#history summary").click()
    expect(page.locator("#history tbody bdi")).to_have_text(shown)
    page.get_by_role("button", name="Table", exact=True).click()
    expect(page.locator(".list tbody th bdi")).to_have_text(shown)
    page.locator(".list tbody button").click()
    expect(page.locator("#viewer-title bdi")).to_have_text(shown)
    assert page.title().startswith("Densa")
    expect(page.locator("img[src=x]")).to_have_count(0)


def test_an_upload_is_looked_at_alone_on_another_computer_and_deleted(
    stack: RealStack, computers: list[Any]
) -> None:
    # Given: two uploads
    here, there = (context.pages[0] for context in computers)
    here.goto(stack.stack.page)
    choose(here, ("one.png", png_bytes(TEXTURE)), ("two.png", png_bytes(TEXTURE[::-1])))
    expect(here.locator(".card .output")).to_have_count(10)
    choose(here, ("three.png", png_bytes(TEXTURE[:, ::-1])))
    expect(here.locator(".card .output")).to_have_count(15)

    # When
    here.locator("#history summary").click()
    row = here.locator("#history tbody tr", has_text="2done")
    address = row.get_by_role("link").get_attribute("href")

    # Then
    there.goto(f"{stack.stack.page}{address}")
    expect(there.locator(".card .output")).to_have_count(10)
    there.get_by_role("link", name="Show all").click()
    expect(there.locator(".card .output")).to_have_count(15)

    # When
    here.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button").click()

    # Then
    for page in (here, there):
        expect(page.locator(".card")).to_have_count(1)
        expect(card(page, "three.png")).to_be_visible()
    assert [image["name"] for image in exported(here, stack.stack.page)["images"]] == ["three.png"]


def test_the_table_is_sorted_by_what_is_chosen_and_stays_chosen(page: Page) -> None:
    # Given
    textures = [draw_texture(300, 300, seed=seed) for seed in (3, 4, 5)]
    choose(page, *((f"{n}.png", png_bytes(texture)) for n, texture in enumerate(textures)))
    expect(page.locator(".card .output")).to_have_count(15)

    # When
    page.get_by_role("button", name="Table", exact=True).click()
    page.get_by_role("button", name="Deposit present").click()

    # Then
    heading = page.get_by_role("columnheader", name="Deposit present")
    expect(heading).to_have_attribute("aria-sort", "descending")
    shown = page.locator(".list tbody tr td:nth-child(3) .number").all_inner_texts()
    assert len(shown) == 3
    assert shown == sorted(shown, reverse=True)
    page.get_by_role("button", name="Image").click()
    page.reload()
    expect(page.locator(".list tbody th")).to_have_text(["0.png", "1.png", "2.png"])
    expect(page.get_by_role("columnheader", name="Image")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_it_fits_a_desk_and_a_tablet_on_which_two_fingers_zoom(page: Page) -> None:
    # Given
    page.get_by_label("Case", exact=True).fill("a case with a long name, " * 5)
    choose(page, ("x" * 200 + ".png", png_bytes(TEXTURE)))
    expect(page.locator(".card .output")).to_have_count(5)
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

    # Then
    for width in (1280, 820):
        page.set_viewport_size({"width": width, "height": 1000})
        for view in ("Table", "Cards"):
            page.get_by_role("button", name=view, exact=True).click()
            assert page.evaluate(wider) <= 0, (width, view)

    # When
    page.locator(".title").click()
    box = page.locator("#stage").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 40), ("touchMove", 80), ("touchMove", 120)):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    # Then
    style = str(page.locator("#picture").get_attribute("style"))
    assert float(style.partition("scale(")[2].partition(")")[0]) == pytest.approx(3, rel=0.05)


def test_anyone_can_use_it(page: Page, axe: str) -> None:
    # Given
    assert violations(page, axe) == []
    page.get_by_label("Case", exact=True).fill("C2")
    page.get_by_label("Your initials").fill("AB")

    # When
    choose(
        page, ("seen.png", png_bytes(draw_texture(300, 300, seed=3))), ("broken.png", b"\x89PNG")
    )
    expect(card(page, "seen.png").locator(".output")).to_have_count(5)
    expect(page.locator(".case .output")).to_have_count(5)
    page.locator("#history summary").click()

    # Then
    assert violations(page, axe) == []

    # And, when an image is open
    page.locator(".title", has_text="seen.png").press("Enter")
    expect(page.locator("#overlay")).to_be_visible()
    page.get_by_role("button", name="Agree with the model").click()
    expect(page.locator("#read [role=status]")).to_have_text("Saved.")
    assert violations(page, axe) == []

    # And as a table
    page.keyboard.press("Escape")
    expect(page.locator("#agreement")).to_be_visible()
    page.get_by_role("button", name="Table", exact=True).click()
    expect(page.get_by_role("row")).not_to_have_count(0)
    assert violations(page, axe) == []


def test_another_site_may_not_ask_and_no_script_of_others_runs(
    page: Page, stack: RealStack
) -> None:
    # When
    answer = page.request.post(f"{stack.stack.page}/api/images?name=x", data=b"x")

    # Then
    assert answer.status == 403
    headers = page.request.get(stack.stack.page).headers
    assert "script-src 'self'" in headers["content-security-policy"]
