"""`python -m benchmarks page`: many files dropped onto the page at once, beside the API alone."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.arithmetic import percentile
from benchmarks.browser import Browser, browser
from benchmarks.helper import ROOT, BenchmarkError
from benchmarks.options import SHIPPED_BUNDLE
from benchmarks.page_report import Round, render
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
    print(render(options.images, empty, full, rounds))
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
    before = _cpu_seconds(stack)
    dropped = window.drop(files, PIXEL_SIZE_NM)
    cpu = {name: (now - before[name]) / len(files) for name, now in _cpu_seconds(stack).items()}
    return Round(percentile(idle, 50), beside, all_by_api, dropped, cpu)


def _cpu_seconds(stack: RealStack) -> dict[str, float]:
    times = {name: psutil.Process(pid).cpu_times() for name, pid in stack.pids.items()}
    return {name: each.user + each.system for name, each in times.items()}


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
