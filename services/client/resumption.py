"""What an earlier, interrupted run of the same `densa classify` leaves to do."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from services.client.heat_map_files import HeatMapFolder
from services.client.images import Image
from services.client.journal import Journal, state_of
from services.client.report import Report
from services.client.results import MicrographResult
from services.client.rows import to_row
from services.client.writers import RowWriter, open_writer, rows_of

SHOWN = 5
"""Changed files named at most."""


def journal_of(out: Path) -> Path:
    """Where the journal of an output is."""
    return out.with_name(f".{out.name}.journal")


@dataclass(slots=True)
class Output:
    """Rows, and the journal that tells what is in them; without a file, neither or only rows."""

    writer: RowWriter | None = None
    journal: Journal | None = None
    heat_maps: HeatMapFolder | None = None

    def take(self, result: MicrographResult) -> None:
        """Write a result's row, and before it the heat maps: who has the row has these."""
        if self.heat_maps is not None:
            self.heat_maps.take(result)
        if self.writer is not None:
            self.writer.write(to_row(result))
        if self.writer is not None and self.journal is not None:
            failed = result.classification is None
            self.journal.has_row(result.image_id, self.writer.file, failed=failed)

    def finish(self) -> None:
        """Every image has its row: nothing is left to go on with."""
        if self.writer is not None and self.journal is not None:
            self.writer.unfinished = False
            self.writer.close()
            self.journal.finish()

    def left(self, images: Sequence[Image]) -> list[Image]:
        """Those of the images that are still to be sent."""
        journal = self.journal
        if journal is None:
            return list(images)
        return [
            image
            for image in images
            if image.image_id not in journal.rows and image.image_id not in journal.accepted
        ]


def open_output(
    out: str, wish: dict[str, object], stack: ExitStack, *, restart: bool = False
) -> Output:
    """The output of a run, gone on with where an earlier one was interrupted.

    Raises OutputError, or JournalError where the output is of another command that has not ended.
    """
    if not out:
        return Output()
    if out == "-":
        return Output(stack.enter_context(open_writer(out)))
    beside = journal_of(Path(out))
    if beside.exists():
        rows = rows_of(Path(out))
        there = rows.stat().st_size if rows.exists() else 0
        journal = stack.enter_context(Journal(beside, wish, there, restart=restart))
        writer = stack.enter_context(open_writer(out, keep=journal.output_bytes))
    else:  # says first what is wrong with the output's name
        writer = stack.enter_context(open_writer(out))
        journal = stack.enter_context(Journal(beside, wish))
    writer.unfinished = True
    return Output(writer, journal)


def tell(journal: Journal, images: Sequence[Image], report: Report, messages: Console) -> None:
    """Say what is gone on with, and which files are others than those that were sent."""
    failed = sum(journal.rows.values())
    report.earlier, report.failed_earlier = len(journal.rows), failed
    if not journal.rows and not journal.accepted:
        return
    job = f" in job {journal.job}" if journal.job else ""
    messages.print(
        f"Going on{job}: {len(journal.rows):,} of {len(images):,} have rows"
        + (f" ({failed:,} failed)" if failed else "")
        + f", {len(journal.pending()):,} more were accepted.",
        soft_wrap=True,
    )
    changed = [
        image.path
        for image in images
        if (sent := journal.accepted.get(image.image_id)) and sent.state != state_of(image)
    ]
    if changed:
        messages.print(
            f"{len(changed):,} files have changed since they were sent; their rows are of what was "
            f"sent: {', '.join(changed[:SHOWN])}{', ...' if len(changed) > SHOWN else ''}. "
            "--restart classifies all anew.",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )
