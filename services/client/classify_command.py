"""What `densa classify` does: images out, rows in, a table and an exit status."""

import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from services.client.consoles import make_console, make_error_console
from services.client.discovery import SUFFIXES, find_images
from services.client.errors import DensaError, NotFound, Unavailable
from services.client.exit_status import ALL, INTERRUPTED, NONE, SOME
from services.client.images import Image
from services.client.options import ClientOptions, Lane
from services.client.report import Report
from services.client.results import MicrographResult
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

    @property
    def wish(self) -> dict[str, object]:
        """What makes another run the same one, that can be gone on with."""
        return {
            "paths": [str(path.absolute()) for path in self.paths],
            "case_id": self.case_id,
            "pixel_size_nm": self.pixel_size_nm,
        }


def classify(request: ClassifyRequest) -> int:
    """Classify the images; the exit status."""
    messages = make_error_console()
    console = messages if request.out == "-" else make_console()
    images = find_images(
        request.paths, case_id=request.case_id, pixel_size_nm=request.pixel_size_nm
    )
    if not images:
        suffixes = ", ".join(sorted(SUFFIXES))
        messages.print(f"densa: There is no image ({suffixes}) below what was named.", style="red")
        return NONE
    report = Report(len(images))
    status = _run(request, images, report, messages)
    if report.answered or report.failed or report.earlier:
        report.show(console, table=request.out != "-")
    if status is not None:
        return status
    if report.failed or report.failed_earlier:
        return SOME if report.answered or report.earlier > report.failed_earlier else NONE
    return ALL


def _run(
    request: ClassifyRequest, images: Sequence[Image], report: Report, messages: Console
) -> int | None:
    """Every image's row; an exit status where it ended before its time."""
    options = ClientOptions(
        in_flight=request.in_flight, longest_silence=request.deadline, lane=request.lane
    )
    try:
        with ExitStack() as stack:
            output = open_output(request.out, request.wish, stack, restart=request.restart)
            if output.journal is not None:
                tell(output.journal, images, report, messages)
            densa = stack.enter_context(DensaClient(request.address, options))
            try:
                _collect(densa, images, output, report, messages)
            except NotFound:
                if output.journal is None or not output.journal.accepted:
                    raise
                messages.print("Its job is gone: what has no row is sent anew.", style="yellow")
                output.journal.opened("")
                _collect(densa, images, output, report, messages)
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
    report: Report,
    messages: Console,
) -> None:
    """The row of every image that has none."""
    with closing(densa.classify_many(output.left(images), output.journal)) as results:
        done = len(output.journal.rows) if output.journal else 0
        for result in _shown(results, len(images), done, messages):
            with _uninterrupted():  # a row is written and counted, or neither
                output.take(result)
                report.add(result)


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


def _shown(
    results: Iterable[MicrographResult], total: int, done: int, messages: Console
) -> Iterator[MicrographResult]:
    """The results, with a bar of their progress where there is a terminal."""
    with _bar(messages) as progress:
        task = progress.add_task("classifying", total=total, completed=done)
        for result in results:
            progress.advance(task)
            yield result


@contextmanager
def _bar(messages: Console) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages, disable=not messages.is_terminal) as progress:
        yield progress


class _RateColumn(ProgressColumn):
    """Images per second."""

    def render(self, task: Task) -> Text:
        """The rate, once there is one."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="progress.data.speed")
