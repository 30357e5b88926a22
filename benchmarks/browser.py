"""The page in Debian's Chromium, driven by Playwright, and what a browser says of it."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.helper import BenchmarkError
from tests.page_browser import ARGUMENTS

PROBE = Path(__file__).with_name("page_probe.js")
PATIENCE_MS = 300_000

DROP = """() => {
  const dropped = new DataTransfer();
  for (const file of document.querySelector("#dropped").files) dropped.items.add(file);
  document.querySelector("#dropped").remove();
  window.probe.dropped = performance.now();
  document.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true }));
}"""
SETTLED = """(names) => names.every((one) => one in probe.shown)
  || document.querySelector("#uploads .error") !== null"""
UPLOADS = """() => performance.getEntriesByType("resource")
  .filter((one) => one.name.includes("/api/images?"))
  .map((one) => [new URL(one.name).searchParams.get("name"), one.startTime, one.responseEnd])"""
LOADED = """() => ["navigation", "resource"]
  .flatMap((kind) => performance.getEntriesByType(kind))
  .map((one) => [one.responseEnd, one.transferSize])"""
PAINTED = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null"""
FORGET = """async (ids) => { for (const id of ids) {
  await fetch(`/api/images/${id}`, { method: "DELETE", headers: { "X-Densa-Page": "1" } });
} }"""


@dataclass(frozen=True)
class Dropped:
    """What happened to files that were dropped at once; times in seconds since the drop."""

    uploads: dict[str, tuple[float, float]]
    """When each file's upload began and ended."""
    shown: dict[str, float]
    """When each file's result was painted."""
    frame_gaps: list[float]
    """Seconds between frames, until the last result was there."""
    long_tasks: list[float]
    """Seconds of each task that held the main thread for more than 50 ms."""

    @property
    def at_once(self) -> int:
        """Most uploads under way at the same moment."""
        return max(
            sum(began <= moment < ended for began, ended in self.uploads.values())
            for moment, _ in self.uploads.values()
        )


@dataclass(frozen=True)
class Loaded:
    """What came over the wire with an empty cache."""

    painted_bytes: int
    """By the first paint of content."""
    all_bytes: int
    """By the time nothing more comes."""
    painted_seconds: float


class Browser:
    """One window with the page."""

    def __init__(self, context: Any, address: str) -> None:
        self._page = context.pages[0]
        self._address = address

    def open(self) -> Loaded:
        """The page as a new visitor gets it."""
        page = self._page
        page.goto("about:blank")
        session = page.context.new_cdp_session(page)
        session.send("Network.clearBrowserCache")
        page.goto(self._address)
        page.wait_for_function("() => document.querySelector('#service').className === 'ready'")
        page.wait_for_function(PAINTED)
        page.wait_for_timeout(2000)  # nothing tells the end of what is loaded late
        painted, loaded = page.evaluate(PAINTED), page.evaluate(LOADED)
        return Loaded(
            sum(size for when, size in loaded if when <= painted),
            sum(size for _, size in loaded),
            painted / 1000,
        )

    def drop(self, files: Sequence[Path], pixel_size_nm: float) -> Dropped:
        """Drops files onto the page at once, and waits until all their results are there."""
        page = self._page
        page.evaluate(
            "() => document.body.append(Object.assign(document.createElement('input'),"
            "{ type: 'file', multiple: true, id: 'dropped', hidden: true }))"
        )
        page.locator("#dropped").set_input_files(list(files))
        page.locator("#pixel-size").fill(str(pixel_size_nm))
        page.evaluate(DROP)
        names = [file.name for file in files]
        page.wait_for_function(SETTLED, arg=names)
        if refused := page.locator("#uploads .error").all_inner_texts():
            raise BenchmarkError(
                f"The page could not upload {len(refused)} files, the first: {refused[0]!r}. "
                "Chromium breaks connections when the host's network changes: run it another time."
            )
        probe = page.evaluate("() => window.probe")
        start, end = probe["dropped"], max(probe["shown"].values())
        frames = [now for now in probe["frames"] if start <= now <= end]
        return Dropped(
            {
                name: ((began - start) / 1000, (ended - start) / 1000)
                for name, began, ended in page.evaluate(UPLOADS)
            },
            {name: (when - start) / 1000 for name, when in probe["shown"].items()},
            [(now - last) / 1000 for last, now in pairwise(frames)],
            [took / 1000 for when, took in probe["longTasks"] if start <= when <= end],
        )

    def forget(self) -> None:
        """Deletes every image."""
        page = self._page
        known = page.request.get(f"{self._address}/export/results.json").json()["images"]
        page.evaluate(FORGET, [one["id"] for one in known])


@contextmanager
def browser(address: str, profile: Path) -> Iterator[Browser]:
    """A browser for as long as the context lasts.

    Raises BenchmarkError where there is none.
    """
    program = shutil.which("chromium")
    if program is None:
        raise BenchmarkError("There is no chromium: install it (Debian: apt install chromium).")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=program, args=ARGUMENTS
        )
        try:
            context.set_default_timeout(PATIENCE_MS)
            context.add_init_script(path=PROBE)
            yield Browser(context, address)
        finally:
            context.close()
