"""The page's memory, and the page itself, without a service."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.web.app import make_app
from services.web.cases import Cases
from services.web.database import Database
from services.web.feed import Feed
from services.web.records import Records
from services.web.settings import WebSettings

ADDRESS = "http://127.0.0.1"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "page.sqlite")
    yield database
    database.close()


@pytest.fixture
def records(database: Database) -> Records:
    return Records(database)


@pytest.fixture
def cases(database: Database) -> Cases:
    return Cases(database)


@pytest.fixture
def feed(database: Database) -> Feed:
    return Feed(database)


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    return WebSettings(data=tmp_path / "data", max_image_bytes=5000)


@pytest_asyncio.fixture
async def browser(settings: WebSettings) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Asks the page as its own scripts do. Nothing is sent to a service."""
    transport = httpx.ASGITransport(make_app(settings))
    headers = {"X-Densa-Page": "1", "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers) as browser:
        yield browser
