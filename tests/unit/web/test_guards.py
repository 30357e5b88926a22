"""Nobody but the page's own scripts changes anything, and no foreign script runs in it."""

import re

import httpx
import pytest

from services.web.app import make_app
from services.web.settings import WebSettings
from tests.unit.web.conftest import ADDRESS

CHANGES = [
    ("POST", "/api/images?name=a.png"),
    ("DELETE", "/api/images/a"),
    ("DELETE", "/api/uploads/a"),
    ("PUT", "/api/images/a/reads"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Densa-Page": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_what_another_site_sends_changes_nothing(
    browser: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    # When
    answer = await browser.request(method, path, headers=headers, content=b"x")

    # Then
    assert answer.status_code == 403
    assert (await browser.get("/export/results.json")).json()["images"] == []


async def test_a_name_that_the_page_does_not_have_is_refused(browser: httpx.AsyncClient) -> None:
    # When: as after a rebound DNS name
    answer = await browser.get("/", headers={"Host": "evil.example"})

    # Then
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/export/results.csv", "/nothing"])
async def test_every_answer_forbids_what_is_not_the_pages(
    browser: httpx.AsyncClient, path: str
) -> None:
    # When
    headers = (await browser.get(path)).headers

    # Then
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"


async def test_behind_a_proxy_only_who_is_logged_in_sees_anything(settings: WebSettings) -> None:
    # Given
    guarded = settings.model_copy(update={"user_header": "X-Forwarded-User"})
    transport = httpx.ASGITransport(make_app(guarded))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as browser:
        # When / Then
        for path in ("/", "/export/results.csv", "/api/agreement", "/static/main.js"):
            assert (await browser.get(path)).status_code == 401
            known = {"X-Forwarded-User": "dr.b"}
            assert (await browser.get(path, headers=known)).status_code == 200


async def test_the_page_holds_no_script_and_no_address_of_others(
    browser: httpx.AsyncClient,
) -> None:
    # When
    page = (await browser.get("/")).text

    # Then
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page
    assert "style=" not in page
    assert re.search(r"\son\w+=", page) is None
