"""What the page knows as files: a table of results, and a manifest of what readers said."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from services.client.results import OUTPUTS

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be run by a spreadsheet."""


def results_csv(images: Iterable[dict[str, Any]]) -> str:
    """One row for each image, with probabilities, calls, findings and model."""
    header = ["image", "case", "created", "pixel_size_nm"]
    header += [f"{output}{kind}" for output in OUTPUTS for kind in ("", "_call")]
    return _csv([*header, "findings", "model", "version", "error"], map(_row, images))


def _row(image: dict[str, Any]) -> list[object]:
    result = image["result"] or {}
    outputs = result.get("outputs", {})
    calls: list[object] = []
    for output in OUTPUTS:
        one = outputs.get(output, {})
        calls += [one.get("probability", ""), one.get("call", "")]
    model = result.get("model", {})
    return [
        *(image["name"], image["case"], image["created"]),
        result.get("input", {}).get("pixel_size_nm", ""),
        *calls,
        "; ".join(finding["code"] for finding in result.get("findings", [])),
        *(model.get("name", ""), model.get("version", "")),
        result.get("error", {}).get("reason", ""),
    ]


def cases_csv(cases: Iterable[dict[str, Any]], names: Mapping[str, str]) -> str:
    """One row for each case: the service's answer over its images, and which are behind it.

    Args:
        cases: As the page knows them.
        names: Of images, by their id.
    """
    header = ["case", "state", "images", "failed"]
    header += [f"{output}{kind}" for output in OUTPUTS for kind in ("", "_call", "_images")]
    rows = (_case_row(case, names) for case in cases)
    return _csv([*header, "calibrated", "model", "version", "notice"], rows)


def _case_row(case: dict[str, Any], names: Mapping[str, str]) -> list[object]:
    result = case["result"] or {}
    said: list[object] = []
    for output in OUTPUTS:
        one = result.get("outputs", {}).get(output, {})
        behind = [names.get(image["image_id"], "") for image in one.get("supporting_images", ())]
        said += [one.get("probability", ""), one.get("call", ""), "; ".join(filter(None, behind))]
    model = (result.get("models") or [{}])[0]
    return [
        case["case"],
        "so far" if case["due"] or not result.get("final") else "final",
        *(result.get("images", 0), result.get("failed", 0)),
        *said,
        *(result.get("calibrated", ""), model.get("name", ""), model.get("version", "")),
        result.get("notice", ""),
    ]


def agreement_csv(found: Mapping[str, Mapping[str, Any]]) -> str:
    """One row for each output: how often readers and model agree, and Cohen's kappa."""
    rows = [
        [output, one["n"], one["agree"], "" if one["kappa"] is None else one["kappa"]]
        for output, one in found.items()
    ]
    return _csv(["output", "pairs", "agree", "kappa"], rows)


def manifest_csv(images: Iterable[dict[str, Any]], files: Path) -> str:
    """Images that readers spoke of as a training manifest, with the majority as label.

    docs/labelled-data.md says what it holds. The case stands for the patient, where there is one:
    correct the column where patients have several biopsies.
    """
    spoken = [image for image in images if image["reads"]]
    readers = sorted({read["reader"] for image in spoken for read in image["reads"]})
    columns = [f"reader:{reader}:{output}" for reader in readers for output in OUTPUTS]
    header = ["path", "patient", "case", "pixel_size_nm", *OUTPUTS, *columns]
    rows = (
        [
            str(files.absolute() / image["id"]),
            image["case"] or image["id"],
            image["case"],
            image["pixel_size_nm"] or "",
            *(_majority(image, output) for output in OUTPUTS),
            *(_said(image, reader, output) for reader in readers for output in OUTPUTS),
        ]
        for image in spoken
    )
    return _csv(header, rows)


def _said(image: dict[str, Any], reader: str, output: str) -> object:
    said = [read["calls"].get(output) for read in image["reads"] if read["reader"] == reader]
    return said[0] if said and said[0] is not None else ""


def _majority(image: dict[str, Any], output: str) -> object:
    """What most readers said; blank where they are even, or nobody said."""
    said = [read["calls"].get(output) for read in image["reads"]]
    balance = sum(1 if one else -1 for one in said if one is not None)
    return "" if balance == 0 else int(balance > 0)


def _csv(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([str(cell) for cell in header])
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return text.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
