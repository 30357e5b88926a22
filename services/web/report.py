"""The printable report: cases and their images, where the model looked, model, notice."""

import time
from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PdfTable

from services.web.kappa import agreement
from services.web.report_pictures import pictures

NOTICE = "For Research Use Only. Not for use in diagnostic procedures."
CALLS = {"positive": "yes", "negative": "no", "indeterminate": "no call"}
RULED = [
    ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.grey),
    ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
    ("FONTSIZE", (0, 0), (-1, -1), 9),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
]
CASE_WIDTHS = (100, 70, 50, 240)
MARGIN = 54
STYLES = getSampleStyleSheet()

Json = dict[str, Any]


def make_report(
    images: Sequence[Json],
    cases: Sequence[Json],
    previews: Mapping[str, Path | None],
    asked: Collection[str] = (),
) -> bytes:
    """A PDF with a part for each case and each image.

    Args:
        images: Sorted by case.
        cases: Their answers.
        previews: Their pictures, as far as there are any, by image.
        asked: Outputs whose overlays are shown besides those that are called positive.
    """
    file, answers = BytesIO(), {case["case"]: case for case in cases}
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime())
    story = [
        Paragraph("Electron-dense deposits: report", STYLES["Title"]),
        _text(f"{NOTICE} Made {when}; {_counted(len(images))}.", "Italic"),
        Spacer(0, 12),
    ]
    names = {image["id"]: image["name"] for image in images}
    for name, members in groupby(images, key=lambda image: image["case"]):
        if name in answers:
            story.append(KeepTogether(_case(answers[name], names)))
        places = _places(answers.get(name))
        first = sorted(members, key=lambda image: places.get(image["id"], len(places)))
        story += [KeepTogether(_image(one, previews.get(one["id"]), asked)) for one in first]
    story += _agreement(images)
    sides = {"leftMargin": MARGIN, "rightMargin": MARGIN, "topMargin": MARGIN}
    pages = SimpleDocTemplate(file, pagesize=A4, title="Densa report", **sides)
    pages.build(story, onFirstPage=_notice, onLaterPages=_notice)
    return file.getvalue()


def _case(case: Json, names: dict[str, str]) -> list[Flowable]:
    part, result = [_text(f"Case {case['case']}", "Heading2")], case["result"]
    if not result or not result["outputs"]:
        return [*part, _text("There is no answer for the case.")]
    rows = [
        [
            output,
            f"{one['probability']:.3f}",
            CALLS.get(one["call"], one["call"]),
            _behind(one, names),
        ]
        for output, one in result["outputs"].items()
    ]
    last = result["final"] and not case["due"]
    said = f"{'Final' if last else 'So far'}: over {_counted(result['images'])}"
    failed = f", {result['failed']} of them without an answer" if result["failed"] else ""
    model = result["models"][0]
    return [
        *part,
        _text(f"{said}{failed}."),
        _table([["output", "probability", "call", "images behind it"], *rows], CASE_WIDTHS),
        _text(f"{model['name']} {model['version']}. {result['notice']}", "Italic"),
        Spacer(0, 14),
    ]


def _places(case: Json | None) -> dict[str, int]:
    """The images that the case's answer rests on, and their order."""
    outputs = ((case and case["result"]) or {}).get("outputs", {})
    supporting = outputs.get("presence", {}).get("supporting_images", ())
    return {one["image_id"]: place for place, one in enumerate(supporting)}


def _behind(answer: Json, names: dict[str, str]) -> Flowable:
    ids = [one["image_id"] for one in answer["supporting_images"][:3]]
    return _text(", ".join(names[one] for one in ids if one in names))


def _image(image: Json, preview: Path | None, asked: Collection[str]) -> list[Flowable]:
    of_case = f" (case {image['case']})" if image["case"] else ""
    part, result = [_text(f"{image['name']}{of_case}", "Heading3")], image["result"]
    if result is None:
        return [*part, _text("No result yet.")]
    if "error" in result:
        return [*part, _text(result["error"]["message"])]
    shown = [
        output
        for output, one in result["outputs"].items()
        if one["call"] == "positive" or output in asked
    ]
    part.append(pictures(preview, result, shown) if preview else _text("There is no picture."))
    part.append(_probabilities(image))
    part += [_text(finding["message"]) for finding in result["findings"]]
    size, model = result["input"], result["model"]
    part.append(
        _text(
            f"{size['width']} x {size['height']} pixels of {size['pixel_size_nm']:.2f} nm "
            f"({size['pixel_size_source']})."
        )
    )
    said = f"{model['name']} {model['version']} ({model['digest']}). {result['notice']}"
    return [*part, _text(said, "Italic"), Spacer(0, 14)]


def _probabilities(image: Json) -> Flowable:
    """Each output's, with the model's call and those of readers."""
    rows = []
    for output, one in image["result"]["outputs"].items():
        said = [read["calls"].get(output) for read in image["reads"]]
        calls = ["" if call is None else ("no", "yes")[call] for call in said]
        rows.append([output, f"{one['probability']:.3f}", CALLS.get(one["call"], ""), *calls])
    readers = [f"reader {read['reader']}" for read in image["reads"]]
    return _table([["output", "probability", "call", *readers], *rows])


def _agreement(images: Sequence[Json]) -> list[Flowable]:
    rows = [
        [output, one["n"], one["agree"], "" if one["kappa"] is None else f"{one['kappa']:.2f}"]
        for output, one in agreement(images).items()
    ]
    if not any(row[1] for row in rows):
        return []
    table = _table([["output", "pairs", "agree", "kappa"], *rows])
    return [KeepTogether([_text("Agreement of readers and model", "Heading2"), table])]


def _counted(images: int) -> str:
    return f"{images} {'image' if images == 1 else 'images'}"


def _table(rows: list[list[Any]], widths: Sequence[float] | None = None) -> Flowable:
    return PdfTable(rows, widths, hAlign="LEFT", style=RULED)


def _text(text: str, style: str = "Normal") -> Flowable:
    """Whatever names hold, as text that the PDF's font can show."""
    return Paragraph(escape(text.encode("latin-1", "replace").decode("latin-1")), STYLES[style])


def _notice(canvas: Any, page: Any) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(page.leftMargin, 30, NOTICE)
    canvas.drawRightString(A4[0] - page.rightMargin, 30, str(canvas.getPageNumber()))
