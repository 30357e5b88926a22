"""The composition root of the page: routes, guards, and the tasks beside them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from services.client import AsyncDensaClient
from services.web.cases import Cases
from services.web.changes import Changes
from services.web.database import Database
from services.web.dispatcher import Dispatcher, make_client
from services.web.downloads import Downloads
from services.web.failures import KEEPING_FAILED, cannot_keep
from services.web.feed import Feed
from services.web.guards import Guards
from services.web.pages import Pages
from services.web.previews import Previews
from services.web.records import Records
from services.web.removals import Removals
from services.web.round import Memory
from services.web.settings import WebSettings
from services.web.sweep import sweep
from services.web.uploads import Uploads

STATIC = Path(__file__).with_name("static")

log = logging.getLogger(__name__)


def make_app(settings: WebSettings) -> Starlette:
    """The page as an ASGI application."""
    files, previews = settings.data / "images", settings.data / "previews"
    for directory in (settings.data, files, previews):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    database, changes = Database(settings.data / "page.sqlite"), Changes()
    memory = Memory(Records(database), Cases(database), files, changes)
    densa = make_client(settings.gateway)
    uploads = Uploads(memory.records, files, changes, settings.max_image_bytes)
    shown = Previews(files, previews)
    pages = Pages(
        memory.records, densa, changes, feed=Feed(database), previews=shown, static=STATIC
    )
    removals = Removals(memory.records, (files, previews), changes)
    downloads = Downloads(memory.records, memory.cases, files, shown)
    dispatcher = Dispatcher(
        densa, memory, settings.case_quiet_seconds, lambda: uploads.under_way > 0
    )
    tidying = partial(sweep, memory.records, (files, previews), settings.retain_days)
    return Starlette(
        routes=_routes(pages, uploads, removals, downloads),
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=settings.allowed_hosts.split(",")),
            Middleware(Guards, user_header=settings.user_header),
        ],
        exception_handlers=dict.fromkeys(KEEPING_FAILED, cannot_keep),
        lifespan=lambda _: _running(densa, dispatcher.run, tidying),
    )


@asynccontextmanager
async def _running(
    densa: AsyncDensaClient, *work: Callable[[], Coroutine[Any, Any, None]]
) -> AsyncGenerator[None, None]:
    """The client is connected, and the work is done beside the requests."""
    async with densa:
        tasks = [asyncio.create_task(one()) for one in work]
        for task in tasks:
            task.add_done_callback(_tell)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _tell(task: asyncio.Task[None]) -> None:
    """What ends by itself has met something that nobody thought of."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s ended: %s", task.get_coro(), type(error).__name__)


def _routes(
    pages: Pages, uploads: Uploads, removals: Removals, downloads: Downloads
) -> list[BaseRoute]:
    return [
        Route("/", pages.page),
        Route("/api/images", uploads.take, methods=["POST"]),
        Route("/api/images/{id}", removals.image, methods=["DELETE"]),
        Route("/api/uploads/{id}", removals.upload, methods=["DELETE"]),
        Route("/api/images/{id}/again", uploads.again, methods=["POST"]),
        Route("/api/images/{id}/preview", pages.preview),
        Route("/api/images/{id}/heat-maps", pages.heat_maps),
        Route("/api/images/{id}/reads", pages.read, methods=["PUT"]),
        Route("/api/events", pages.events),
        Route("/api/status", pages.status),
        Route("/api/agreement", pages.agreement),
        Route("/export/{kind}", downloads.export),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
