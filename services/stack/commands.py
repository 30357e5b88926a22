"""What `densa up` and `densa demo` do, from options to exit status."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from services.client.errors import DensaError
from services.stack.backup import back_up
from services.stack.data_directory import DataDirectory
from services.stack.demo import classify_samples
from services.stack.errors import StackError
from services.stack.plan import StackPlan, claim_port
from services.stack.restore import restore
from services.stack.samples import Sample, load_samples
from services.stack.settings import BUNDLE, REPOSITORY, stack_settings
from services.stack.signals import run_until_signal
from services.stack.supervisor import Stack, running_stack
from services.stack.terminal import TerminalVoice, make_console, next_steps

INTERRUPTED = 130
"""Exit status where a signal came before the work was done."""

FAILED = 1

PAGE_PORT = 8080
"""Of the page; any free one where that is taken."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The command line's, None where it says nothing."""

    port: int
    page_port: int | None
    data: Path | None
    workers: int
    bundle: Path | None
    models: Path | None = None

    def plan(self) -> StackPlan:
        """What is to run."""
        page = self.page_port
        return StackPlan(
            port=self.port,
            data=_data(self.data),
            workers=self.workers,
            bundle=self.bundle or BUNDLE,
            repository=self.models or REPOSITORY,
            # One that was asked for is that one, or an error.
            page_port=PAGE_PORT if page is None else claim_port(page, "--page-port"),
        )


def run_up(wishes: Wishes) -> int:
    """Serve until a signal; 0 then, 1 where it cannot serve here."""
    console, served = make_console(), False

    async def serve(stack: Stack) -> int:
        nonlocal served
        served = True
        _show_next_steps(console, stack)
        return await _forever()

    status = _run(wishes.plan, console, serve)
    return _status(status, complete=served)


def run_demo(wishes: Wishes, *, exit_after: bool) -> int:
    """Serve, classify the samples, serve on; 1 where a sample failed and it was to end then."""
    console, shown, samples = make_console(), False, list[Sample]()

    def make_plan() -> StackPlan:
        samples.extend(load_samples())  # before anything starts
        return wishes.plan()

    async def demonstrate(stack: Stack) -> int:
        nonlocal shown
        results = await classify_samples(stack.address, samples, console)
        shown = True
        if exit_after:
            return FAILED if any(result.error for result in results) else 0
        _show_next_steps(console, stack)
        return await _forever()

    status = _run(make_plan, console, demonstrate)
    return _status(status, complete=shown)


def run_backup(target: Path, data: Path | None) -> int:
    """Back up a stack that runs; the exit status."""
    console = make_console()

    def work() -> str:
        done = back_up(_data(data), target.expanduser(), console.print)
        page = f", the page with {done.page_images:,}" if done.page_images is not None else ""
        return f"{target}: Redis, and {done.images:,} images{page}, in {done.seconds:.1f} s."

    return _told(work, console)


def run_restore(source: Path, data: Path | None) -> int:
    """Restore a backup; the exit status."""

    def work() -> str:
        directory = _data(data)
        images = restore(source.expanduser(), directory)
        return f"{directory.path} holds what {source} does, {images:,} images with it: densa up."

    return _told(work, make_console())


def _told(work: Callable[[], str], console: Console) -> int:
    try:
        console.print(work(), markup=False, soft_wrap=True)
    except StackError as error:
        print(f"densa: {error}", file=sys.stderr)  # noqa: T201  # the one sentence
        return FAILED
    return 0


def _data(data: Path | None) -> DataDirectory:
    return DataDirectory(data or stack_settings().data)


def _status(status: int | None, *, complete: bool) -> int:
    """The exit status, where a signal is the way to end what did its work."""
    if status is None:
        return 0 if complete else INTERRUPTED
    return status


def _run(
    make_plan: Callable[[], StackPlan],
    console: Console,
    when_serving: Callable[[Stack], Awaitable[int]],
) -> int | None:
    """The exit status, or None where a signal ended it. Nothing runs afterwards."""
    voice, hurry = TerminalVoice(console), asyncio.Event()

    async def work() -> int:
        async with running_stack(make_plan(), voice, hurry) as stack:
            voice.done()
            _greet(console, stack)
            return await when_serving(stack)

    try:
        return run_until_signal(work(), hurry.set)
    except (StackError, DensaError) as error:
        voice.done()
        print(f"densa: {error}", file=sys.stderr)  # noqa: T201  # the one sentence
        return FAILED
    finally:
        voice.done()


def _greet(console: Console, stack: Stack) -> None:
    models = ", ".join(f"{m.identity.name} {m.identity.version}" for m in stack.models)
    console.print(f"Densa serves at [bold]{stack.address}[/bold] with {models}.", soft_wrap=True)
    for notice in sorted({model.notice for model in stack.models}):
        console.print(notice, style="yellow", markup=False)
    console.print(f"Data and logs: {stack.data}", style="dim", markup=False, soft_wrap=True)


def _show_next_steps(console: Console, stack: Stack) -> None:
    if stack.page:
        console.print(f"\nThe page: [bold]{stack.page}[/bold]", soft_wrap=True)
    console.print(f"\nTry, in another terminal:\n{next_steps(stack.address)}", markup=False)
    console.print("Ctrl-C stops everything.", style="dim")


async def _forever() -> int:
    await asyncio.Event().wait()
    return 0
