"""Metrics as a table."""

from rich.table import Table

from services.inference.manifest import OutputMetrics
from services.training.commands.terminal import console


def print_metrics(metrics: dict[str, OutputMetrics]) -> None:
    """One row per output."""
    table = Table("output", "AUC", "95 %", "accuracy", "with", "without")
    for label, values in metrics.items():
        table.add_row(
            label,
            f"{values.auc:.3f}",
            f"{values.auc_low:.3f}-{values.auc_high:.3f}",
            f"{values.accuracy:.3f}",
            str(values.positives),
            str(values.negatives),
        )
    console.print(table)
