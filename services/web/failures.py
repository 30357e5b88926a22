"""What a browser is told where the page cannot keep what it was given."""

import logging
import sqlite3

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = logging.getLogger(__name__)

KEEPING_FAILED = (OSError, sqlite3.Error)
"""A disk that is full, or that may not be written to."""


async def cannot_keep(_: Request, error: Exception) -> Response:
    """The browser has its file or its read yet, and may send it again."""
    log.error("The page's data directory cannot be written to: %s", type(error).__name__)
    said = "The page cannot write to its disk, which may be full. Tell who runs it, then try again."
    return JSONResponse({"error": said}, 507)
