"""`python -m benchmarks page`: many files dropped onto the page at once, beside the API alone."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import host
from benchmarks.arithmetic import percentile
from benchmarks.browser import Browser, Dropped, Loaded, browser
from benchmarks.helper import ROOT, BenchmarkError
from benchmarks.options import SHIPPED_BUNDLE
from benchmarks.report import table
from services.client import ClientOptions, DensaClient, Image
from services.client.results import OUTPUTS
from tests.images import draw_texture, tiff_bytes
from tests.stack_fixture import RealStack, real_stack

SIDE = 1448
"""Pixels per side: a 16-bit TIFF of 4 MiB."""
PIXEL_SIZE_NM = 7.1
"""One window of the model, as at a usual magnification."""
IDLE_CALLS = 7
POLL_SECONDS = 0.002
STAT = ClientOptions(lane="STAT")


@dataclass(frozen=True)
class PageOptions:
    """One run."""

    images: int
    rounds: int


@dataclass(frozen=True)
class Round:
    """What one round found; seconds."""

    idle: float
    """The API's time for an image, with heat maps, on a service that does nothing else; median."""
    beside: float
    """The API's time for the first image while all are dropped onto the page: a call of its own,
    begun when the page has its first file."""
    all_by_api: float
    """The API's time for all images in one stream."""
    dropped: Dropped

    @property
    def first(self) -> float:
        """From the end of an image's upload to its result on screen, of the first on screen."""
        name = min(self.dropped.shown, key=lambda one: self.dropped.shown[one])
        return self.dropped.shown[name] - self.dropped.uploads[name][1]


def parse(arguments: list[str]) -> PageOptions:
    """The options of `page`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks page",
        description="Drops files of 4 MiB onto the page in Chromium and says how soon the first "
        "result is on screen, beside the API's own time for such an image in the same round.",
    )
    parser.add_argument("--images", type=int, default=50, help="files dropped at once")
    parser.add_argument("--rounds", type=int, default=5, help="each with all measurements")
    return PageOptions(**vars(parser.parse_args(arguments)))


def run(options: PageOptions) -> int:
    """Prints what was found."""
    with tempfile.TemporaryDirectory(prefix="densa-page-") as name:
        folder = Path(name)
        files = write_files(folder, options.images)
        bundle = ROOT / SHIPPED_BUNDLE
        with (
            real_stack(bundle, folder / "data", page_port=0) as stack,
            browser(stack.stack.page, folder / "profile") as window,
        ):
            empty = window.open()
            window.drop(files[:2], PIXEL_SIZE_NM)  # warm
            rounds = []
            for number in range(options.rounds):
                rounds.append(_round(stack, window, files))
                print(f"round {number + 1}: {rounds[-1].first:.3f} s", file=sys.stderr, flush=True)
            full = window.open()
    print(render(options, empty, full, rounds))
    return 0


def write_files(folder: Path, count: int) -> list[Path]:
    """Different micrographs of 4 MiB, 16 bits."""
    files = [folder / f"{number:03d}.tif" for number in range(count)]
    for number, file in enumerate(files):
        pixels = draw_texture(SIDE, SIDE, seed=number).astype("uint16") * 200 + 500
        file.write_bytes(tiff_bytes(pixels))
    return files


def _round(stack: RealStack, window: Browser, files: Sequence[Path]) -> Round:
    """First all is dropped with a call of the API beside it, then without."""
    window.forget()
    window.open()
    taken = stack.stack.data / "page/images"
    with DensaClient(stack.address, STAT) as densa, ThreadPoolExecutor(1) as other:
        idle = [_timed(densa, file) for file in files[:IDLE_CALLS]]
        all_by_api = _streamed(densa, files)
        call = other.submit(_beside, densa, files[0], taken)
        window.drop(files, PIXEL_SIZE_NM)
        beside = call.result()
    window.forget()
    window.open()
    return Round(percentile(idle, 50), beside, all_by_api, window.drop(files, PIXEL_SIZE_NM))


def _asked(file: Path) -> Image:
    return Image(file, file.name, pixel_size_nm=PIXEL_SIZE_NM, heat_maps=OUTPUTS)


def _timed(densa: DensaClient, file: Path) -> float:
    began = time.perf_counter()
    densa.classify(_asked(file))
    return time.perf_counter() - began


def _beside(densa: DensaClient, file: Path, taken: Path) -> float:
    """The call's time, once a whole file lies in the page's folder."""
    while not any(not one.suffix for one in taken.iterdir()):
        time.sleep(POLL_SECONDS)
    return _timed(densa, file)


def _streamed(densa: DensaClient, files: Sequence[Path]) -> float:
    began = time.perf_counter()
    for result in densa.classify_many(map(_asked, files)):
        if result.error is not None:
            raise BenchmarkError(f"{result.image_id}: {result.error}")
    return time.perf_counter() - began


def render(options: PageOptions, empty: Loaded, full: Loaded, rounds: Sequence[Round]) -> str:
    """The report, as Markdown."""
    machine = host.describe()
    head = (
        f"Measured {machine.date} at commit {machine.commit}: {machine.cores} cores of "
        f"{machine.cpu}, Chromium on the same cores, the bundle that ships, {options.images} "
        f"16-bit TIFFs of 4 MiB dropped at once, median (least-most) of {len(rounds)} rounds."
    )
    gaps = [max(one.dropped.frame_gaps) for one in rounds]
    tasks = [max(one.dropped.long_tasks, default=0.0) for one in rounds]
    rows = [
        ["loaded by the first paint", _kilobytes(empty), "under 200 KB"],
        [f"the same with {options.images} results", _kilobytes(full), "under 200 KB"],
        ["uploads at once", str(max(one.dropped.at_once for one in rounds)), "a few"],
        ["longest pause between frames", _ms(gaps), ""],
        ["longest task of the main thread", _ms(tasks), ""],
        [
            "first result on screen, from the end of its upload",
            _ms([one.first for one in rounds]),
            "2000 ms",
        ],
        ["the API's own time for it, idle", _ms([one.idle for one in rounds]), ""],
        ["the API's own, while the page does the same", _ms([one.beside for one in rounds]), ""],
        ["ratio to the API's, idle", _ratio([one.first / one.idle for one in rounds]), ""],
        [
            "ratio to the API's, while the page does the same",
            _ratio([one.first / one.beside for one in rounds]),
            "1.3",
        ],
        [
            "all on screen, from the drop",
            _ms([max(one.dropped.shown.values()) for one in rounds]),
            "",
        ],
        ["all by the API in one stream", _ms([one.all_by_api for one in rounds]), ""],
    ]
    return f"{head}\n\n{table(['', 'measured', 'goal at most'], rows)}"


def _kilobytes(loaded: Loaded) -> str:
    return (
        f"{loaded.painted_bytes / 1000:.0f} KB after {loaded.painted_seconds * 1000:.0f} ms, "
        f"in all {loaded.all_bytes / 1000:.0f} KB"
    )


def _ms(seconds: Sequence[float]) -> str:
    low, middle, high = (1000 * percentile(seconds, each) for each in (0, 50, 100))
    return f"{middle:.0f} ms ({low:.0f}-{high:.0f})"


def _ratio(ratios: Sequence[float]) -> str:
    return f"{percentile(ratios, 50):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
