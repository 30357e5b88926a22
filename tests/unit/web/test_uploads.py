"""A file is on the disk before it is known, whole, within limits, and its name is only text."""

import errno
import logging
import os
import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from services.web.changes import Changes
from services.web.database import Database
from services.web.records import Records
from services.web.settings import WebSettings
from services.web.uploads import Uploads
from tests.unit.web.results import answer, error

HOSTILE = "../../<script>\u202e\x00\n\x1b[31mgpj.png"


def _files(settings: WebSettings) -> list[Path]:
    return list((settings.data / "images").iterdir())


def _parts(directory: Path) -> list[Path]:
    return list(directory.glob("*.part"))


async def _images(browser: httpx.AsyncClient) -> list[Any]:
    found: list[Any] = (await browser.get("/export/results.json")).json()["images"]
    return found


async def test_a_file_is_kept_as_it_is_with_what_was_said_of_it(
    browser: httpx.AsyncClient, settings: WebSettings
) -> None:
    # When
    query = {"name": "a.tif", "case": " C1 ", "pixel_size_nm": "2.5", "upload": "u1"}
    answer = await browser.post("/api/images", params=query, content=b"pixels")

    # Then
    assert answer.status_code == 201
    (image,) = await _images(browser)
    said = {name: image[name] for name in ("id", "name", "case", "pixel_size_nm", "upload")}
    assert said == {
        "id": answer.json()["id"],
        "name": "a.tif",
        "case": "C1",
        "pixel_size_nm": 2.5,
        "upload": "u1",
    }
    (file,) = _files(settings)
    assert (file.name, file.read_bytes()) == (image["id"], b"pixels")


@pytest.mark.parametrize(
    ("query", "size", "said"),
    [
        ({}, 5001, "more than 5,000 bytes"),
        ({}, 0, "is empty"),
        ({"pixel_size_nm": "0"}, 10, "A pixel size is 0.05 to 500 nm"),
        ({"pixel_size_nm": "nan"}, 10, "A pixel size is"),
        ({"pixel_size_nm": "wide"}, 10, "A pixel size is"),
    ],
)
async def test_what_is_refused_is_said_and_leaves_nothing(
    browser: httpx.AsyncClient,
    settings: WebSettings,
    query: dict[str, str],
    size: int,
    said: str,
) -> None:
    # When
    answer = await browser.post("/api/images", params=query, content=bytes(size))

    # Then
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert _files(settings) == []
    assert await _images(browser) == []


async def test_the_largest_file_is_taken(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/api/images", content=bytes(5000))).status_code == 201


async def test_a_name_is_shown_as_text_never_used_and_never_logged(
    browser: httpx.AsyncClient, settings: WebSettings, caplog: pytest.LogCaptureFixture
) -> None:
    # Given
    caplog.set_level(logging.DEBUG)

    # When
    query = {"name": HOSTILE + "x" * 300, "case": HOSTILE}
    await browser.post("/api/images", params=query, content=b"pixels")

    # Then: without what would turn or hide text
    (image,) = await _images(browser)
    assert image["name"].startswith("../../<script>[31mgpj.pngx")
    assert len(image["name"]) == 255
    assert _files(settings)[0].name.isalnum()
    ours = [one for one in caplog.records if not one.name.startswith("httpx")]
    assert not any("gpj" in one.getMessage() for one in ours)


async def test_an_upload_that_breaks_off_leaves_nothing_and_is_no_longer_under_way(
    tmp_path: Path,
) -> None:
    # Given
    records, changes = Records(Database(tmp_path / "page.sqlite")), Changes()
    uploads = Uploads(records, tmp_path, changes, 5000)
    seen: list[int] = []

    async def breaks_off() -> AsyncGenerator[dict[str, Any], None]:
        seen.append(uploads.under_way)
        yield {"type": "http.request", "body": b"half", "more_body": True}
        yield {"type": "http.disconnect"}

    messages = breaks_off()
    scope = {"type": "http", "method": "POST", "query_string": b"name=a.png", "headers": []}

    # When
    answer = await uploads.take(Request(scope, lambda: anext(messages)))

    # Then
    assert answer.status_code == 400
    assert (seen, uploads.under_way) == ([1], 0)
    assert changes.number == 1
    assert records.all() == []
    assert _parts(tmp_path) == []


def _full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _full_database(*_: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


async def test_a_full_disk_is_said_and_leaves_nothing(
    browser: httpx.AsyncClient, settings: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    image = (await browser.post("/api/images", content=b"pixels")).json()["id"]
    read = {"reader": "AB", "calls": {"presence": 1}}

    # When / Then
    for owner, name, broken in (
        (os, "fsync", _full_disk),
        (Database, "change", _full_database),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, broken)
            answer = await browser.post("/api/images", content=b"pixels")
        assert answer.status_code == 507
        assert "disk, which may be full" in answer.json()["error"]
    with monkeypatch.context() as patched:
        patched.setattr(Database, "change", _full_database)
        answer = await browser.put(f"/api/images/{image}/reads", json=read)
    assert answer.status_code == 507
    assert [path.name for path in _files(settings)] == [image]
    assert [one["id"] for one in await _images(browser)] == [image]


async def test_images_of_an_upload_go_together_with_their_files(
    browser: httpx.AsyncClient, settings: WebSettings
) -> None:
    # Given
    for upload in ("one", "one", "two"):
        await browser.post("/api/images", params={"upload": upload}, content=b"pixels")

    # When
    answer = await browser.delete("/api/uploads/one")

    # Then
    assert answer.status_code == 204
    (left,) = await _images(browser)
    assert left["upload"] == "two"
    assert [path.name for path in _files(settings)] == [left["id"]]
    assert (await browser.delete("/api/uploads/one")).status_code == 404
    assert (await browser.delete(f"/api/images/{left['id']}")).status_code == 204
    assert _files(settings) == []


async def test_only_what_failed_and_is_there_yet_is_asked_about_again(
    browser: httpx.AsyncClient, settings: WebSettings
) -> None:
    # Given
    image = (await browser.post("/api/images", content=b"pixels")).json()["id"]
    records = Records(Database(settings.data / "page.sqlite"))

    # When / Then: it waits, it has an answer, it failed, its file is gone, it is gone
    for result, status in ((None, 409), (error(), 202), (None, 409), (answer(), 409)):
        if result:
            records.finish(image, result)
        assert (await browser.post(f"/api/images/{image}/again")).status_code == status
    assert (await browser.post("/api/images/nothing/again")).status_code == 404
    other = (await browser.post("/api/images", content=b"pixels")).json()["id"]
    records.finish(other, error())
    (settings.data / "images" / other).unlink()
    assert (await browser.post(f"/api/images/{other}/again")).status_code == 409
