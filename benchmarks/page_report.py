"""What a run of the page's benchmark found, as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import host
from benchmarks.arithmetic import percentile
from benchmarks.browser import Dropped, Loaded
from benchmarks.report import table


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
    cpu: dict[str, float]
    """CPU seconds an image, meanwhile, of each process of the service without its children."""

    @property
    def first(self) -> float:
        """From the end of an image's upload to its result on screen, of the first on screen."""
        name = min(self.dropped.shown, key=lambda one: self.dropped.shown[one])
        return self.dropped.shown[name] - self.dropped.uploads[name][1]


def render(images: int, empty: Loaded, full: Loaded, rounds: Sequence[Round]) -> str:
    """The report, as Markdown."""
    machine = host.describe()
    head = (
        f"Measured {machine.date} at commit {machine.commit}: {machine.cores} cores of "
        f"{machine.cpu}, Chromium on the same cores, the bundle that ships, {images} "
        f"16-bit TIFFs of 4 MiB dropped at once, median (least-most) of {len(rounds)} rounds."
    )
    gaps = [max(one.dropped.frame_gaps) for one in rounds]
    tasks = [max(one.dropped.long_tasks, default=0.0) for one in rounds]
    rows = [
        ["loaded by the first paint", _kilobytes(empty), "under 200 KB"],
        [f"the same with {images} results", _kilobytes(full), "under 200 KB"],
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
    rows += [
        [f"CPU an image, {name}", _ms([one.cpu[name] for one in rounds]), ""]
        for name in rounds[0].cpu
    ]
    return f"{head}\n\n{table(['', 'measured', 'goal at most'], rows)}"


def _kilobytes(loaded: Loaded) -> str:
    return (
        f"{loaded.painted_bytes / 1000:.0f} KB after {loaded.painted_seconds * 1000:.0f} ms, "
        f"in all {loaded.all_bytes / 1000:.0f} KB"
    )


def _ms(seconds: Sequence[float]) -> str:
    low, middle, high = (1000 * percentile(seconds, each) for each in (0, 50, 100))
    digits = 1 if middle < 20 else 0
    return f"{middle:.{digits}f} ms ({low:.{digits}f}-{high:.{digits}f})"


def _ratio(ratios: Sequence[float]) -> str:
    return f"{percentile(ratios, 50):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
