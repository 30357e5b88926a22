"""What `densa classify` does: images out, rows in, a table and an exit status."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from services.client.case_table import SHOWN as SHOWN_CASES
from services.client.case_table import case_table, write_cases
from services.client.cases import CaseResult
from services.client.consoles import make_console, make_error_console
from services.client.discovery import SUFFIXES, find_images
from services.client.errors import DensaError, NotFound, Unavailable
from services.client.exit_status import ALL, INTERRUPTED, NONE, SOME
from services.client.heat_map_files import HeatMapFolder
from services.client.images import Image
from services.client.options import ClientOptions, Lane
from services.client.progress import shown
from services.client.report import Report
from services.client.results import OUTPUTS
from services.client.resumption import Output, journal_of, open_output, tell
from services.client.sync_client import DensaClient


@dataclass(frozen=True, slots=True)
class ClassifyRequest:
    """The command line's wishes."""

    paths: Sequence[Path]
    out: str
    """File name, `-` for JSON lines to the standard output, empty for neither."""
    address: str
    case_id: str
    pixel_size_nm: float | None
    in_flight: int
    deadline: float
    lane: Lane = "ROUTINE"
    restart: bool = False
    """Whether an earlier run that was interrupted is forgotten."""
    case_by_folder: bool = False
    cases: str = ""
    """File for a row per case; empty for none: then no case is closed."""
    heat_maps: Path | None = None
    """Folder for heat maps; None for none."""
    heat_map_outputs: tuple[str, ...] = OUTPUTS

    @property
    def wish(self) -> dict[str, object]:
        """What makes another run the same one, that can be gone on with."""
        return {
            "paths": [str(path.absolute()) for path in self.paths],
            "case_id": self.case_id,
            **({"case_by_folder": True} if self.case_by_folder else {}),
            "pixel_size_nm": self.pixel_size_nm,
            **({"heat_maps": self.wanted_maps} if self.wanted_maps else {}),
        }

    @property
    def wanted_maps(self) -> tuple[str, ...]:
        """Outputs whose heat maps are wanted."""
        return self.heat_map_outputs if self.heat_maps is not None else ()


@dataclass(slots=True)
class Collected:
    """What came back."""

    report: Report
    cases: list[CaseResult]
    wants_cases: bool


def classify(request: ClassifyRequest) -> int:
    """Classify the images; the exit status."""
    messages = make_error_console()
    console = messages if request.out == "-" else make_console()
    images = find_images(
        request.paths,
        case_id=request.case_id,
        case_by_folder=request.case_by_folder,
        pixel_size_nm=request.pixel_size_nm,
        heat_maps=request.wanted_maps,
    )
    if not images:
        suffixes = ", ".join(sorted(SUFFIXES))
        messages.print(f"densa: There is no image ({suffixes}) below what was named.", style="red")
        return NONE
    if request.cases and not any(image.case_id for image in images):
        messages.print(
            "densa: --cases needs to know the cases: give --case-id ID or --case-by-folder.",
            style="red",
        )
        return NONE
    report = Report(len(images))
    cases: list[CaseResult] = []
    status = _run(request, images, report, cases, messages)
    if report.answered or report.failed or report.earlier:
        report.show(console, table=request.out != "-")
    if cases and request.out != "-":
        console.print(case_table(cases))
        if (more := len(cases) - SHOWN_CASES) > 0:
            console.print(f"{more:,} more cases are in {request.cases}.")
    if status is not None:
        return status
    if report.failed or report.failed_earlier:
        return SOME if report.answered or report.earlier > report.failed_earlier else NONE
    return ALL


def _run(
    request: ClassifyRequest,
    images: Sequence[Image],
    report: Report,
    cases: list[CaseResult],
    messages: Console,
) -> int | None:
    """Every image's row; an exit status where it ended before its time."""
    collected = Collected(report, cases, wants_cases=bool(request.cases))
    options = ClientOptions(
        in_flight=request.in_flight, longest_silence=request.deadline, lane=request.lane
    )
    try:
        with ExitStack() as stack:
            output = open_output(request.out, request.wish, stack, restart=request.restart)
            if request.heat_maps is not None:
                output.heat_maps = HeatMapFolder(request.heat_maps)
            if output.journal is not None:
                tell(output.journal, images, report, messages)
            densa = stack.enter_context(DensaClient(request.address, options))
            try:
                _collect(densa, images, output, collected, messages)
            except NotFound:
                if output.journal is None or not output.journal.accepted:
                    raise
                messages.print("Its job is gone: what has no row is sent anew.", style="yellow")
                output.journal.opened("")
                _collect(densa, images, output, collected, messages)
            if request.cases:
                write_cases(Path(request.cases), cases)
            output.finish()
    except KeyboardInterrupt:
        messages.print(f"Interrupted: what was done is kept.{_go_on(request)}", style="yellow")
        return INTERRUPTED
    except DensaError as error:
        hint = (
            " Start one with `densa up`, or name another with --address HOST:PORT."
            if isinstance(error, Unavailable) and not report.answered
            else _go_on(request)
        )
        messages.print(f"densa: {error}{hint}", style="red", markup=False, soft_wrap=True)
        return NONE
    return None


def _go_on(request: ClassifyRequest) -> str:
    begun = request.out not in ("", "-") and journal_of(Path(request.out)).exists()
    return " Give the same command again to go on." if begun else ""


def _collect(
    densa: DensaClient,
    images: Sequence[Image],
    output: Output,
    collected: Collected,
    messages: Console,
) -> None:
    """The row of every image that has none, and the cases."""
    classify_all = densa.classify_cases if collected.wants_cases else densa.classify_many
    with closing(classify_all(output.left(images), output.journal)) as results:
        done = len(output.journal.rows) if output.journal else 0
        for result in shown(results, len(images), done, messages):
            if isinstance(result, CaseResult):
                collected.cases.append(result)
                continue
            with _uninterrupted():  # a row is written and counted, or neither
                output.take(result)
                collected.report.add(result)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until the context ends. Only the main thread hears of it at all."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda signum, _: pressed.append(signum))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
