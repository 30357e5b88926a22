"""The printable report: what is in it, read from the PDF itself."""

import base64
import re
import zlib
from pathlib import Path

import pytest

from services.web.cases import Cases
from services.web.records import NewImage, Records
from services.web.report import make_report
from services.web.report_pictures import COLOR, STRONGEST, overlaid
from tests.images import draw_texture, png_bytes
from tests.unit.web.results import NOTICE, answer, case, error

Picture = pytest.importorskip("PIL.Image")


@pytest.fixture
def preview(tmp_path: Path) -> Path:
    (tmp_path / "a.jpg").write_bytes(png_bytes(draw_texture(300, 400)))
    return tmp_path / "a.jpg"


def _text(pdf: bytes) -> str:
    """Everything that is written on its pages."""
    said = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            page = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        except (ValueError, zlib.error):
            continue
        said += re.findall(rb"\((.*?)(?<!\\)\) Tj", page)
    return re.sub(r"\\(.)", r"\1", b" ".join(said).decode("latin-1"))


def _pictures(pdf: bytes) -> int:
    return len(re.findall(rb"/Subtype /Image", pdf))


def test_a_report_has_cases_images_probabilities_model_and_notice(
    records: Records, cases: Cases, preview: Path
) -> None:
    # Given
    for name in ("a", "b", "c"):
        records.add(NewImage(name, f"{name}.png", "C1"))
        records.finish(name, answer(0.875))
    records.add(NewImage("d", "d.png"))
    records.add(NewImage("e", "e.png"))
    records.finish("e", error())
    records.read("a", "AB", {"presence": 1})
    cases.answered("C1", case(2, behind=("c", "a")), ["a", "b", "c"])

    # When
    pdf = make_report(records.all(heat_maps=True), cases.all(), {"a": preview, "b": None})

    # Then
    said = _text(pdf)
    for wanted in (
        *("a.png", "d.png", "e.png", "Case C1", "Final: over 2 images"),
        *("0.875", "0.800", "reader AB", "No result yet.", "The file is damaged."),
        *("tiny 1.0.0", "No pixel size: assumed.", "Agreement of readers and model", NOTICE),
    ):
        assert wanted in said, wanted
    # And the images that the case's answer rests on come first
    places = [said.index(f"{name}.png (case C1)") for name in ("c", "a", "b")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("asked", "count"), [((), 1 + 2), (("mesangial",), 1 + 3), (("presence", "nothing"), 1 + 2)]
)
def test_overlays_are_of_what_is_called_positive_or_asked_for(
    records: Records, preview: Path, asked: tuple[str, ...], count: int
) -> None:
    # Given: presence and subendothelial are called positive
    made = answer(mesangial="negative", subepithelial="negative", intramembranous="negative")
    records.add(NewImage("a", "a.png"))
    records.finish("a", made)

    # When
    pdf = make_report(records.all(heat_maps=True), [], {"a": preview}, asked)

    # Then
    assert _pictures(pdf) == count


def test_names_are_text_in_a_report_as_well(records: Records, preview: Path) -> None:
    # Given
    records.add(NewImage("a", "<img src=x> & <b>\u4e2d.png", "</para>"))
    records.finish("a", answer())

    # When
    pdf = make_report(records.all(heat_maps=True), [], {"a": preview})

    # Then
    assert "<imgsrc=x>&<b>?.png(case</para>)" in _text(pdf).replace(" ", "")


def test_an_overlay_covers_the_analysed_rows_as_strongly_as_the_evidence() -> None:
    # Given: the lowest evidence left above, the highest right below, and a banner
    plain = Picture.new("RGB", (400, 300), (100, 100, 100))
    result = answer()

    # When
    made = overlaid(plain, result["heat_maps"]["presence"], result["input"])

    # Then
    assert made.getpixel((2, 2)) == (100, 100, 100)
    assert made.getpixel((200, 280)) == (100, 100, 100)
    strongest = made.getpixel((397, 265))
    assert strongest == pytest.approx([100 + (c - 100) * STRONGEST for c in COLOR], abs=2)
