"""Exports as downloads: tables, JSON, the training manifest, the printable report."""

import asyncio
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.client.results import OUTPUTS
from services.web.cases import Cases
from services.web.exports import agreement_csv, cases_csv, manifest_csv, results_csv
from services.web.kappa import agreement
from services.web.previews import Previews
from services.web.records import Json, Records
from services.web.report import make_report

WITH_MAPS = ("results.json", "report.pdf")
"""Exports with heat maps in them."""

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
}


class Downloads:
    """Makes files of what the page knows."""

    def __init__(self, records: Records, cases: Cases, files: Path, previews: Previews) -> None:
        self._records = records
        self._cases = cases
        self._files = files
        self._previews = previews

    async def export(self, request: Request) -> Response:
        """All images, or those of the query's `case`; `output` names overlays of the report."""
        kind, case = request.path_params["kind"], request.query_params.get("case")
        images = self._records.all(case, heat_maps=kind in WITH_MAPS)
        if kind == "report.pdf":
            made = await self._report(images, case, request.query_params.getlist("output"))
        elif kind in ("results.csv", "cases.csv", "agreement.csv", "manifest.csv", "results.json"):
            made = self._table(kind, images, self._cases.all(case)).encode()
        else:
            return JSONResponse({"error": "There is no such export."}, 404)
        headers = {"Content-Disposition": f'attachment; filename="densa-{kind}"'}
        return Response(made, media_type=MEDIA[kind.rpartition(".")[2]], headers=headers)

    async def _report(self, images: list[Json], case: str | None, asked: list[str]) -> bytes:
        pictures = {image["id"]: await self._previews.get(image["id"]) for image in images}
        outputs = OUTPUTS if "all" in asked else tuple(asked)
        return await asyncio.to_thread(
            make_report, images, self._cases.all(case), pictures, outputs
        )

    def _table(self, kind: str, images: list[Json], cases: list[Json]) -> str:
        match kind:
            case "results.csv":
                return results_csv(images)
            case "cases.csv":
                return cases_csv(cases, {image["id"]: image["name"] for image in images})
            case "agreement.csv":
                return agreement_csv(agreement(images))
            case "manifest.csv":
                return manifest_csv(images, self._files)
        said = {"images": images, "cases": cases, "agreement": agreement(images)}
        return json.dumps(said, indent=1)
