"""What the page does when it is reloaded, and when what it needs is killed, in the middle."""

import signal
from collections.abc import Coroutine
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from services.client import AsyncDensaClient
from services.client.event_loop_thread import EventLoopThread
from tests.images import draw_texture, png_bytes
from tests.page_browser import card, choose, expect_answered
from tests.stack_fixture import RealStack
from tests.waiting import until_told

NAMES = [f"field-{n}.png" for n in range(8)]
FILES = [(name, png_bytes(draw_texture(300, 300, seed=n))) for n, name in enumerate(NAMES)]


async def _accepted(address: str) -> int:
    """Images that the service keeps and has not answered."""
    async with AsyncDensaClient(address) as densa:
        return sum([job.accepted - job.finished async for job in densa.jobs.list()])


def _run(work: Coroutine[Any, Any, Any]) -> None:
    thread = EventLoopThread()  # this one's loop is the browser's
    try:
        thread.run(work)
    finally:
        thread.close()


def _until_accepted(stack: RealStack, count: int) -> None:
    _run(until_told(partial(_accepted, stack.address), lambda found: found >= count))


def test_a_reload_in_the_middle_goes_on_where_it_was(page: Page, stack: RealStack) -> None:
    # Given: half of the images have their result, and no worker works on the others
    choose(page, *FILES[:4])
    expect_answered(page, NAMES[:4])
    stack.signal("worker-1", signal.SIGSTOP)
    try:
        choose(page, *FILES[4:])
        expect(page.locator(".card .waiting")).to_have_count(4)

        # When
        page.reload()

        # Then
        expect(page.locator(".card")).to_have_count(8)
        expect(page.locator(".card .waiting")).to_have_count(4)
        expect(page.locator("#progress")).to_have_text("4 of 8 answered")
    finally:
        stack.signal("worker-1", signal.SIGCONT)
    expect_answered(page, NAMES)


def test_a_gateway_that_is_killed_with_images_in_flight_costs_none(
    page: Page, stack: RealStack
) -> None:
    # Given
    stack.signal("worker-1", signal.SIGSTOP)
    try:
        choose(page, *FILES)
        _until_accepted(stack, 4)

        # When
        stack.kill("gateway")
    finally:
        stack.signal("worker-1", signal.SIGCONT)

    # Then
    expect_answered(page, NAMES)
    expect(page.locator("#service")).to_have_text("Ready")
    expect(page.locator(".card .error")).to_have_count(0)


def test_a_page_that_is_killed_comes_back_and_the_browser_goes_on_by_itself(
    page: Page, stack: RealStack
) -> None:
    # Given: images that the page has sent, and not heard of
    choose(page, *FILES[:2])
    expect_answered(page, NAMES[:2])
    stack.signal("worker-1", signal.SIGSTOP)
    try:
        choose(page, *FILES[2:6])
        expect(page.locator(".card .waiting")).to_have_count(4)
        _until_accepted(stack, 2)

        # When
        stack.kill("page")
    finally:
        stack.signal("worker-1", signal.SIGCONT)

    # Then
    expect_answered(page, NAMES[:6])
    choose(page, *FILES[6:])
    expect_answered(page, NAMES)
    expect(page.locator("#service")).to_have_text("Ready")


def test_an_upload_shows_how_far_it_is(page: Page) -> None:
    # Given: a line on which nothing moves
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/images?*", hold)
    choose(page, FILES[0])

    # Then
    progress = page.get_by_role("progressbar", name=f"Upload of {NAMES[0]}")
    expect(progress).to_be_visible()

    # When
    held[0].continue_()

    # Then
    expect_answered(page, NAMES[:1])
    expect(progress).to_have_count(0)


def test_an_upload_that_breaks_off_can_be_tried_again(page: Page, stack: RealStack) -> None:
    # Given
    page.route("**/api/images?*", lambda route: route.abort())
    choose(page, FILES[0])
    expect(page.locator("#uploads .error")).to_contain_text("The connection broke")

    # When
    page.unroute("**/api/images?*")
    page.get_by_role("button", name="Try again").click()

    # Then
    expect_answered(page, NAMES[:1])
    expect(page.locator("#uploads p")).to_have_count(0)
    assert stack.stack.page


async def _cancel(address: str) -> None:
    async with AsyncDensaClient(address) as densa:
        for job in [job async for job in densa.jobs.list()]:
            if job.accepted > job.finished:
                await densa.jobs.cancel(job.name)


@pytest.mark.parametrize("case_id", ["", "C9"])
def test_images_of_a_job_that_an_operator_cancelled_can_be_asked_about_again(
    page: Page, stack: RealStack, case_id: str
) -> None:
    # Given
    page.get_by_label("Case", exact=True).fill(case_id)
    stack.signal("worker-1", signal.SIGSTOP)
    try:
        choose(page, *FILES[:2])
        _until_accepted(stack, 2)
        _run(_cancel(stack.address))
        expect(page.locator(".card .error")).to_have_count(2)
    finally:
        stack.signal("worker-1", signal.SIGCONT)

    # When
    page.get_by_role("button", name=f"Ask again about {NAMES[0]}").click()

    # Then: with the others of its case, for the answer over all of them
    expect(card(page, NAMES[0]).locator(".output")).to_have_count(5)
    if not case_id:
        page.get_by_role("button", name=f"Ask again about {NAMES[1]}").click()
    expect_answered(page, NAMES[:2])
    if case_id:
        expect(page.locator(".case .state")).to_contain_text(
            "The answer for the case, over 2 images"
        )


def test_a_second_tab_and_another_computer_see_the_same(
    stack: RealStack, computers: list[Any]
) -> None:
    # Given
    here = computers[0].pages[0]
    tab, there = computers[0].new_page(), computers[1].pages[0]
    for page in (here, tab, there):
        page.goto(stack.stack.page)

    # When
    here.get_by_label("Your initials").fill("AB")
    choose(here, *FILES[:3])

    # Then
    for page in (here, tab, there):
        expect_answered(page, NAMES[:3])

    # When: one reads what another looks at
    there.locator(".title", has_text=NAMES[1]).click()
    here.locator(".title", has_text=NAMES[1]).click()
    here.locator("#read select[name=presence]").select_option("yes")
    here.get_by_role("button", name="Save my call").click()

    # Then
    expect(there.locator("#read")).to_contain_text("AB: Deposit present")

    # When: one deletes what another looks at
    here.on("dialog", lambda dialog: dialog.accept())
    here.get_by_role("button", name="Delete image").click()

    # Then
    expect(there.locator("#viewer")).to_be_hidden()
    for page in (here, tab, there):
        expect(card(page, NAMES[1])).to_have_count(0)
        expect(page.locator(".card")).to_have_count(2)


def test_a_tab_that_nobody_sees_holds_no_connection_and_catches_up(
    page: Page, stack: RealStack
) -> None:
    # Given
    choose(page, *FILES[:1])
    expect_answered(page, NAMES[:1])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hidden = """(is) => {
        Object.defineProperty(document, "hidden", {value: is, configurable: true});
        document.dispatchEvent(new Event("visibilitychange")); }"""

    # When
    with page.expect_event("requestfailed", lambda request: "/api/events" in request.url):
        page.evaluate(hidden, True)
    other = page.context.new_page()
    other.goto(stack.stack.page)
    choose(other, *FILES[1:2])
    expect_answered(other, NAMES[:2])

    # Then
    expect(page.locator(".card")).to_have_count(1)
    page.evaluate(hidden, False)
    expect_answered(page, NAMES[:2])
    (again,) = (url for url in asked if "/api/events" in url)
    assert not again.endswith("after=0")


def test_where_a_proxy_answers_for_a_page_that_is_away_the_browser_tries_again(
    page: Page, stack: RealStack
) -> None:
    # Given: what makes a browser give up by itself
    page.route("**/api/events*", lambda route: route.fulfill(status=502))
    page.goto(stack.stack.page)
    expect(page.locator("#service")).to_contain_text("reconnecting")

    # When
    page.unroute("**/api/events*")

    # Then
    expect(page.locator("#service")).to_have_text("Ready")
    choose(page, *FILES[:1])
    expect_answered(page, NAMES[:1])
