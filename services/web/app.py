"""The composition root of the page: routes, guards, and the tasks beside them."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from services.web.changes import Changes
from services.web.dispatcher import Dispatcher, make_client
from services.web.downloads import Downloads
from services.web.guards import Guards
from services.web.pages import Pages
from services.web.previews import Previews
from services.web.records import Records
from services.web.settings import WebSettings
from services.web.uploads import Uploads

STATIC = Path(__file__).with_name("static")

SWEEP_SECONDS = 3600.0


def make_app(settings: WebSettings) -> Starlette:
    """The page as an ASGI application."""
    files, previews = settings.data / "images", settings.data / "previews"
    for directory in (settings.data, files, previews):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    records, changes = Records(settings.data / "page.sqlite"), Changes()
    densa = make_client(settings.gateway)
    uploads = Uploads(records, files, changes, settings.max_image_bytes)
    pages = Pages(
        records,
        densa,
        changes,
        files=files,
        previews=Previews(files, previews),
        static=STATIC,
    )
    downloads = Downloads(records, files, previews)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncGenerator[None, None]:
        async with densa:
            work = [
                asyncio.create_task(Dispatcher(densa, records, files, changes).run()),
                asyncio.create_task(_sweep(records, (files, previews), settings.retain_days)),
            ]
            try:
                yield
            finally:
                for task in work:
                    task.cancel()
                await asyncio.gather(*work, return_exceptions=True)

    return Starlette(
        routes=_routes(pages, uploads, downloads),
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=settings.allowed_hosts.split(",")),
            Middleware(Guards, user_header=settings.user_header),
        ],
        lifespan=running,
    )


def _routes(pages: Pages, uploads: Uploads, downloads: Downloads) -> list[BaseRoute]:
    return [
        Route("/", pages.page),
        Route("/api/images", uploads.take, methods=["POST"]),
        Route("/api/images/{id}", pages.delete, methods=["DELETE"]),
        Route("/api/images/{id}/preview", pages.preview),
        Route("/api/images/{id}/reads", pages.read, methods=["PUT"]),
        Route("/api/events", pages.events),
        Route("/api/status", pages.status),
        Route("/api/agreement", pages.agreement),
        Route("/export/{kind}", downloads.export),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


async def _sweep(records: Records, directories: tuple[Path, ...], days: float) -> None:
    """Removes files of images that are old, from time to time."""
    while True:
        for image in records.older_than(time.time() - days * 86400):
            for directory in directories:
                for path in (directory / image, directory / f"{image}.jpg"):
                    with suppress(OSError):
                        path.unlink(missing_ok=True)
        await asyncio.sleep(SWEEP_SECONDS)
