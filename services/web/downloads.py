"""Exports as downloads: CSV, JSON, the training manifest, the printable report."""

import asyncio
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.web.exports import manifest_csv, results_csv
from services.web.kappa import agreement
from services.web.records import Records
from services.web.report import make_report


class Downloads:
    """Makes files of what the page knows."""

    def __init__(self, records: Records, files: Path, previews: Path) -> None:
        self._records = records
        self._files = files
        self._previews = previews

    async def export(self, request: Request) -> Response:
        """All images, or those of the query's `case`."""
        images = self._records.all(request.query_params.get("case"))
        kind = request.path_params["kind"]
        match kind:
            case "results.csv":
                made, media = results_csv(images).encode(), "text/csv; charset=utf-8"
            case "manifest.csv":
                made, media = manifest_csv(images, self._files).encode(), "text/csv; charset=utf-8"
            case "results.json":
                said = {"images": images, "agreement": agreement(images)}
                made, media = json.dumps(said, indent=1).encode(), "application/json"
            case "report.pdf":
                made = await asyncio.to_thread(make_report, images, self._previews)
                media = "application/pdf"
            case _:
                return JSONResponse({"error": "There is no such export."}, 404)
        disposition = f'attachment; filename="densa-{kind}"'
        return Response(made, media_type=media, headers={"Content-Disposition": disposition})
