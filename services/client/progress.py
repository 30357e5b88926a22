"""A bar of the progress of many images, where there is a terminal."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

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

from services.client.cases import CaseResult
from services.client.results import MicrographResult


def shown(
    results: Iterable[MicrographResult | CaseResult], total: int, done: int, messages: Console
) -> Iterator[MicrographResult | CaseResult]:
    """The results, with a bar of their progress where there is a terminal."""
    with _bar(messages) as progress:
        task = progress.add_task("classifying", total=total, completed=done)
        for result in results:
            progress.advance(task, int(isinstance(result, MicrographResult)))
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
