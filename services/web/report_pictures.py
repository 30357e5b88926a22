"""The pictures of a report: an image, and the same under what the model saw for each output."""

import base64
from collections.abc import Iterable
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any

from PIL import Image as Picture
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Image, Paragraph
from reportlab.platypus import Table as PdfTable

WIDTH, BESIDE = 465, 3
"""Points of a row of pictures, and how many are in it."""
HIGHEST = 200
"""Points of one picture at most."""
SIDE = 600
"""Most pixels of a picture's side."""
STRONGEST = 0.6
"""How much of the picture the strongest evidence hides."""
AT_THE_TOP = [("VALIGN", (0, 0), (-1, -1), "TOP")]
COLOR = (255, 96, 0)
"""As on the page."""

Json = dict[str, Any]


def pictures(preview: Path, result: Json, outputs: Iterable[str]) -> Flowable:
    """The image, and the same under the heat maps of outputs, with their names below."""
    with Picture.open(preview) as opened:
        plain = opened.convert("RGB")
    plain.thumbnail((SIDE, SIDE))
    maps = [(name, result["heat_maps"][name]) for name in outputs if name in result["heat_maps"]]
    cells = [_cell(plain, "")]
    cells += [_cell(overlaid(plain, heat, result["input"]), name) for name, heat in maps]
    rows = [list(row) for row in zip_longest(*[iter(cells)] * BESIDE, fillvalue="")]
    return PdfTable(
        rows, hAlign="LEFT", colWidths=WIDTH / BESIDE, style=[("VALIGN", (0, 0), (-1, -1), "TOP")]
    )


def overlaid(plain: Picture.Image, heat: Json, summary: Json) -> Picture.Image:
    """The picture under one heat map, which covers its analysed rows."""
    values = base64.b64decode(heat["values"])
    cells = Picture.frombytes("L", (heat["columns"], heat["rows"]), values)
    rows = max(1, round(plain.height * summary["analysed_height"] / summary["height"]))
    mask = Picture.new("L", plain.size)
    mask.paste(cells.resize((plain.width, rows)).point([int(v * STRONGEST) for v in range(256)]))
    made = plain.copy()
    made.paste(COLOR, mask=mask)
    return made


def _cell(picture: Picture.Image, name: str) -> list[Flowable]:
    file = BytesIO()
    picture.save(file, format="JPEG", quality=85)
    file.seek(0)
    width = WIDTH / BESIDE - 12
    scale = min(width / picture.width, HIGHEST / picture.height)
    shown = Image(file, picture.width * scale, picture.height * scale)
    return [shown, Paragraph(name, getSampleStyleSheet()["Italic"])]
