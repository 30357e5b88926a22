"""What a person reads at the end: a bounded table, the failures with their reasons, a count."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.client.results import MicrographResult
from services.client.tables import LEGEND, output_cells, result_table

SHOWN = 40
"""Rows of the table, and of the list of failures, at most. The file has them all."""


@dataclass(slots=True)
class Report:
    """Counts results and keeps the first few to show."""

    total: int
    answered: int = 0
    failed: int = 0
    positive: int = 0
    indeterminate: int = 0
    earlier: int = 0
    """Rows of an earlier run that was interrupted."""
    failed_earlier: int = 0
    """Those of them that say why there is no answer."""
    _first: list[MicrographResult] = field(default_factory=list)
    _failures: list[MicrographResult] = field(default_factory=list)
    _notices: set[str] = field(default_factory=set)

    def add(self, result: MicrographResult) -> None:
        """Count a result."""
        if result.classification is None:
            self.failed += 1
            if len(self._failures) < SHOWN:
                self._failures.append(result)
            return
        self.answered += 1
        self.positive += result.classification.presence.positive
        self.indeterminate += result.classification.presence.indeterminate
        self._notices.add(result.classification.notice)
        if len(self._first) < SHOWN:
            self._first.append(result)

    def show(self, console: Console, *, table: bool) -> None:
        """Print it."""
        if table and self._first:
            console.print(self._table())
            if more := self.answered - len(self._first):
                console.print(f"The first {len(self._first)}; {more:,} more are not shown.")
            console.print(LEGEND, style="dim")
        for result in self._failures:
            line = Text(f"{result.path or result.image_id}: ", style="red")
            if result.error is not None:
                line.append(f"{result.error.reason}: {result.error.message}", style="default")
            console.print(line, soft_wrap=True)
        if self.failed > len(self._failures):
            console.print(f"... and {self.failed - len(self._failures):,} more that failed.")
        console.print(self._summary(), soft_wrap=True)
        for notice in sorted(self._notices):
            console.print(notice, style="yellow", markup=False)

    def _summary(self) -> str:
        missing = self.total - self.earlier - self.answered - self.failed
        before = f"{self.earlier:,} from before, " if self.earlier else ""
        parts = [
            f"{before}{self.answered:,} of {self.total:,} classified",
            f"{self.positive:,} with deposits",
        ]
        if self.indeterminate:
            parts.append(f"{self.indeterminate:,} too near the threshold to call")
        parts.append(f"{self.failed:,} failed")
        return ", ".join(parts + ([f"{missing:,} without an answer"] if missing else [])) + "."

    def _table(self) -> Table:
        table = result_table("", "image")
        table.add_column("findings", overflow="fold")
        for result in sorted(self._first, key=lambda result: result.image_id):
            if (answer := result.classification) is not None:
                table.add_row(
                    result.image_id,
                    *output_cells(answer),
                    " ".join(finding.code for finding in answer.findings),
                )
        return table
