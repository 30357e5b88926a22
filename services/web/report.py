"""The printable report: images with where the model looked, probabilities, model, notice."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image as Picture
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PdfTable

NOTICE = "For Research Use Only. Not for use in diagnostic procedures."
WIDTH, SIDE = 480, 600
"""Points of the two pictures together, and most pixels of a picture's side."""
STRONGEST = 0.6
"""How much of the picture the strongest evidence hides."""


def make_report(images: Sequence[dict[str, Any]], previews: Path) -> bytes:
    """A PDF with a part for each image."""
    styles, file = getSampleStyleSheet(), io.BytesIO()
    story: list[Flowable] = [
        Paragraph("Electron-dense deposits: report", styles["Title"]),
        Paragraph(NOTICE, styles["Italic"]),
        Spacer(0, 12),
    ]
    story += [KeepTogether(_part(image, previews, styles)) for image in images]
    SimpleDocTemplate(file, pagesize=A4, title="Densa report").build(story)
    return file.getvalue()


def _part(image: dict[str, Any], previews: Path, styles: Any) -> list[Flowable]:
    name = escape(image["name"].encode("latin-1", "replace").decode("latin-1"))
    case = escape(image["case"].encode("latin-1", "replace").decode("latin-1"))
    part: list[Flowable] = [Paragraph(f"{name} {case and f'(case {case})'}", styles["Heading3"])]
    result = image["result"]
    if result is None:
        return [*part, Paragraph("No result yet.", styles["Normal"])]
    if "error" in result:
        return [*part, Paragraph(escape(result["error"]["message"]), styles["Normal"])]
    preview = previews / f"{image['id']}.jpg"
    if preview.is_file():
        part.append(_pictures(preview, result))
    rows = [
        [output, f"{one['probability']:.3f}", one["call"]]
        for output, one in result["outputs"].items()
    ]
    part.append(PdfTable([["output", "probability", "call"], *rows], hAlign="LEFT"))
    part += [Paragraph(escape(f["message"]), styles["Normal"]) for f in result["findings"]]
    model = result["model"]
    said = f"{model['name']} {model['version']} ({model['digest']}). {result['notice']}"
    return [*part, Paragraph(escape(said), styles["Italic"]), Spacer(0, 14)]


def _pictures(preview: Path, result: dict[str, Any]) -> Flowable:
    """The image, and beside it the same under the heat map of presence."""
    with Picture.open(preview) as opened:
        plain = opened.convert("RGB")
    plain.thumbnail((SIDE, SIDE))
    pictures = [plain]
    if (heat := result["heat_maps"].get("presence")) is not None:
        pictures.append(_overlaid(plain, heat, result["input"]))
    width = WIDTH / 2 - 6
    cells = [_flowable(picture, width) for picture in pictures]
    return PdfTable([cells], hAlign="LEFT")


def _overlaid(plain: Picture.Image, heat: dict[str, Any], summary: dict[str, Any]) -> Picture.Image:
    values = base64.b64decode(heat["values"])
    cells = Picture.frombytes("L", (heat["columns"], heat["rows"]), values)
    rows = max(1, round(plain.height * summary["analysed_height"] / summary["height"]))
    mask = Picture.new("L", plain.size)
    mask.paste(cells.resize((plain.width, rows)).point([int(v * STRONGEST) for v in range(256)]))
    made = plain.copy()
    made.paste((255, 120, 0), mask=mask)
    return made


def _flowable(picture: Picture.Image, width: float) -> Flowable:
    file = io.BytesIO()
    picture.save(file, format="JPEG", quality=85)
    file.seek(0)
    return Image(file, width, width * picture.height / picture.width)
