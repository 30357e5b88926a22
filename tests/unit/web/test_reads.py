"""What a reader says of an image."""

from typing import Any

import httpx
import pytest

CALLS = {"presence": 1, "mesangial": 0, "subepithelial": None}


async def _image(browser: httpx.AsyncClient) -> str:
    return str((await browser.post("/api/images", content=b"pixels")).json()["id"])


async def _reads(browser: httpx.AsyncClient) -> Any:
    return (await browser.get("/export/results.json")).json()["images"][0]["reads"]


async def test_a_readers_call_is_kept_with_the_initials(browser: httpx.AsyncClient) -> None:
    # Given
    image = await _image(browser)

    # When
    said = {"reader": " A.B ", "calls": CALLS}
    answer = await browser.put(f"/api/images/{image}/reads", json=said)

    # Then: what was not assessed is not known
    assert answer.status_code == 204
    (read,) = await _reads(browser)
    assert read["reader"] == "A.B"
    assert read["calls"] == {**CALLS, "intramembranous": None, "subendothelial": None}


@pytest.mark.parametrize(
    "said",
    [
        b"not json",
        b"[]",
        b'{"reader": "AB"}',
        b'{"reader": "AB", "calls": {"presence": 2}}',
        b'{"reader": "AB", "calls": {"presence": "1"}}',
        b'{"reader": "AB", "calls": {"presence": true}}',
        b'{"reader": "", "calls": {"presence": 1}}',
        b'{"reader": "<b>", "calls": {"presence": 1}}',
        b'{"reader": "ABCDEFGHIJKLMNOPQ", "calls": {"presence": 1}}',
    ],
)
async def test_what_is_no_read_is_refused(browser: httpx.AsyncClient, said: bytes) -> None:
    # Given
    image = await _image(browser)

    # When
    answer = await browser.put(f"/api/images/{image}/reads", content=said)

    # Then
    assert answer.status_code == 400
    assert await _reads(browser) == []


async def test_an_image_that_is_not_there_has_no_reads(browser: httpx.AsyncClient) -> None:
    # When
    said = {"reader": "AB", "calls": CALLS}
    answer = await browser.put("/api/images/nothing/reads", json=said)

    # Then
    assert answer.status_code == 404
