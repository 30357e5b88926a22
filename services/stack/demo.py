"""The demo's part after the start: samples through the API, a table of what came back."""

from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from services.client import AsyncDensaClient, Classification, Location, MicrographResult
from services.client.tables import LEGEND, output_cells, result_table
from services.stack.samples import Sample

MARKS = " * : it was drawn into the sample. ms: milliseconds in the queue + in the model."


async def classify_samples(
    address: str, samples: Sequence[Sample], console: Console
) -> list[MicrographResult]:
    """Classify the samples, showing a row for each as its result arrives."""
    table, results = _empty_table(), []
    drawn = {sample.image.image_id: sample.drawn for sample in samples}
    # Without a terminal there is nothing to redraw: the table comes when it is complete.
    live = Live(table, console=console, refresh_per_second=10) if console.is_terminal else None
    async with AsyncDensaClient(address) as densa:
        if live is not None:
            live.start()
        try:
            async for result in densa.classify_many([sample.image for sample in samples]):
                results.append(result)
                _add_row(table, result, drawn[result.image_id])
        finally:
            if live is not None:
                live.stop()
    if live is None:
        console.print(table)
    console.print(LEGEND + MARKS, style="dim")
    for result in results:
        if result.error is not None:
            console.print(f"{result.image_id}: {result.error.message}", style="red", markup=False)
    console.print(_agreement(results, drawn))
    return results


def _empty_table() -> Table:
    table = result_table("Sample micrographs (drawn, not photographed)", "micrograph")
    table.add_column("findings", overflow="fold")
    table.add_column("ms", justify="right", no_wrap=True)
    return table


def _add_row(table: Table, result: MicrographResult, drawn: frozenset[str]) -> None:
    answer = result.classification
    if answer is None:
        reason = result.error.reason if result.error else ""
        table.add_row(result.image_id, *[""] * 5, Text(reason, style="red"), "")
        return
    timing = answer.timing
    table.add_row(
        result.image_id,
        *output_cells(answer, drawn),
        " ".join(finding.code for finding in answer.findings),
        f"{timing.queue * 1000:.0f}+{timing.inference * 1000:.0f}",
    )


def _agreement(results: Sequence[MicrographResult], drawn: dict[str, frozenset[str]]) -> str:
    answers = [(r.classification, drawn[r.image_id]) for r in results if r.classification]
    hits = sum(_hits(answer, truth) for answer, truth in answers)
    return f"The calls agree with what was drawn in {hits} of {len(answers) * 5} outputs."


def _hits(answer: Classification, truth: frozenset[str]) -> int:
    calls = [answer.locations[location].positive == (location in truth) for location in Location]
    return sum(calls) + (answer.presence.positive == bool(truth))
