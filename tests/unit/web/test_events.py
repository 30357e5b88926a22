"""The stream of changes as a browser hears it."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest

from services.client import AsyncDensaClient
from services.web.cases import Cases
from services.web.changes import Changes
from services.web.feed import Feed
from services.web.pages import Pages
from services.web.previews import Previews
from services.web.records import NewImage, Records
from tests.unit.web.results import case


@pytest.fixture
def pages(records: Records, feed: Feed, tmp_path: Path) -> Pages:
    densa = cast("AsyncDensaClient", None)
    previews = Previews(tmp_path, tmp_path)
    return Pages(records, densa, Changes(), feed=feed, previews=previews, static=tmp_path)


async def _until_ready(events: AsyncGenerator[str, None]) -> list[str]:
    """Everything that is told until the browser is told that it knows all."""
    told = ""
    async for text in events:
        told += text
        if "event: ready" in text:
            break
    return [one for one in told.split("\n\n") if one]


async def test_a_browser_goes_on_after_the_last_number_that_it_saw(
    pages: Pages, records: Records, feed: Feed
) -> None:
    # Given
    records.add(NewImage("a", "a.png"))
    seen = feed.number
    records.add(NewImage("b", "b.png"))

    # When
    told = await _until_ready(pages._events(seen))

    # Then
    assert len(told) == 3
    assert told[1].startswith(f"id: {feed.number}\ndata: ")
    assert '"b.png"' in told[1]


async def test_what_changed_together_is_lost_together(
    pages: Pages, records: Records, cases: Cases
) -> None:
    # Given: an image and its case have one number
    records.add(NewImage("a", "a.png", "C1"))
    cases.answered("C1", case(), ["a"])
    records.add(NewImage("b", "b.png", "C2"))

    # When
    told = await _until_ready(pages._events(0))

    # Then: a browser that loses the connection between them has no number to skip the second
    numbers = [one.partition("\n")[0] for one in told[1:-1]]
    assert [one.startswith("id: ") for one in numbers] == [True, True, False, True]


async def test_a_browser_that_knows_more_than_the_page_begins_anew(
    pages: Pages, records: Records
) -> None:
    # Given: a page whose memory was restored from a backup
    records.add(NewImage("a", "a.png"))

    # When
    told = await _until_ready(pages._events(4711))

    # Then
    assert told[1] == "event: reset\ndata: {}"
    assert '"a.png"' in told[2]
