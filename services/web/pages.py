"""The page itself, and what it asks while it is open."""

import asyncio
import json
from collections.abc import AsyncGenerator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from services.client import AsyncDensaClient, DensaError
from services.client.results import OUTPUTS
from services.web.changes import Changes
from services.web.feed import MOST, Feed
from services.web.kappa import agreement
from services.web.previews import Previews
from services.web.records import Records

BREATH_SECONDS = 10.0
"""A stream of events that is silent for so long says that it lives."""

LONGEST_READER = 16
STATUS_SECONDS = 3.0


class Pages:
    """Answers the page's questions."""

    def __init__(
        self,
        records: Records,
        densa: AsyncDensaClient,
        changes: Changes,
        *,
        feed: Feed,
        previews: Previews,
        static: Path,
    ) -> None:
        self._records = records
        self._densa = densa
        self._changes = changes
        self._feed = feed
        self._previews = previews
        self._static = static

    async def page(self, _: Request) -> Response:
        """The page."""
        return FileResponse(self._static / "index.html")

    async def preview(self, request: Request) -> Response:
        """The image as a browser shows it; with `small` in the query, as a list shows it."""
        image, small = request.path_params["id"], "small" in request.query_params
        path = await self._previews.get(image, small=small) if self._records.has(image) else None
        if path is None:
            return JSONResponse({"error": "There is no preview of this image."}, 404)
        return FileResponse(path, headers={"Cache-Control": "private, max-age=86400"})

    async def heat_maps(self, request: Request) -> Response:
        """Where the model looked, for each output."""
        image = request.path_params["id"]
        if not self._records.has(image):
            return JSONResponse({"error": "There is no such image."}, 404)
        return JSONResponse(self._records.heat_maps(image))

    async def read(self, request: Request) -> Response:
        """A reader's calls of one image: {"reader": initials, "calls": {output: 1, 0 or null}}."""
        image = request.path_params["id"]
        try:
            said = await request.json()
            reader, calls = str(said["reader"]).strip(), _calls(said["calls"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return JSONResponse({"error": "A read has a reader and calls of 1, 0 or null."}, 400)
        if not 1 <= len(reader) <= LONGEST_READER or not reader.replace(".", "").isalnum():
            return JSONResponse({"error": "Give initials: 1 to 16 letters or digits."}, 400)
        if not self._records.has(image):
            return JSONResponse({"error": "There is no such image."}, 404)
        self._records.read(image, reader, calls)
        self._changes.notify()
        return Response(status_code=204)

    async def agreement(self, _: Request) -> Response:
        """How readers and model agree."""
        return JSONResponse(agreement(self._records.all()))

    async def status(self, _: Request) -> Response:
        """Whether the service answers, and the model's thresholds."""
        try:
            async with asyncio.timeout(STATUS_SECONDS):
                models = await self._densa.models()
        except (DensaError, TimeoutError):
            return JSONResponse({"serving": False, "outputs": []})
        outputs = models[0].outputs if models else ()
        return JSONResponse(
            {
                "serving": bool(models),
                "outputs": [
                    {"label": one.label, "threshold": one.threshold, "abstain": one.abstain}
                    for one in outputs
                ],
            }
        )

    async def events(self, request: Request) -> Response:
        """Server-sent events: every change after the cursor, then what changes."""
        cursor = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        after = int(cursor) if cursor.isascii() and cursor.isdigit() else 0
        return StreamingResponse(self._events(after), media_type="text/event-stream")

    async def _events(self, after: int) -> AsyncGenerator[str, None]:
        yield "retry: 1000\n\n"
        if after > self._feed.number:  # the page's memory is an older one: restored, or new
            after = 0
            yield "event: reset\ndata: {}\n\n"
        while True:
            seen = self._changes.number
            found = self._feed.after(after)
            for change, following in zip_longest(found, found[1:]):
                # What changed together has one number: the browser has it with the last of them.
                if following is None or following["seq"] > change["seq"]:
                    after = change["seq"]
                    yield f"id: {after}\n"
                yield f"data: {json.dumps(change)}\n\n"
            if len(found) < MOST:
                yield "event: ready\ndata: {}\n\n"
                if not await self._changes.after(seen, BREATH_SECONDS):
                    yield ": still here\n\n"


def _calls(given: Any) -> dict[str, int | None]:
    calls = {str(output): given.get(output) for output in OUTPUTS}
    for call in calls.values():
        if call is not None and (type(call) is not int or call not in (0, 1)):
            raise ValueError("a call is 1, 0 or null")
    return calls
