"""Figures as tables."""

from collections.abc import Mapping

from rich.table import Table

from services.inference.graphs import MOST_AUC_CHANGE
from services.inference.manifest import OutputMetrics
from services.training.abstain import Zone
from services.training.commands.terminal import console
from services.training.int8 import Comparison


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


def print_zones(zones: Mapping[str, Zone]) -> None:
    """Where nothing is called, and how good the other calls are on calibration images."""
    table = Table("output", "no call from", "to", "of images", "sensitivity", "specificity")
    for label, zone in zones.items():
        numbers = (zone.low, zone.high, zone.share, zone.sensitivity, zone.specificity)
        table.add_row(label, *(f"{number:.3f}" for number in numbers))
    console.print(table)


def print_int8(int8: Comparison) -> None:
    """One line: speed, what it costs, and whether workers will take it."""
    worst = max(int8.auc_change.values(), default=float("nan"))
    taken = "taken" if worst <= MOST_AUC_CHANGE else "not taken"
    console.print(
        f"int8 graph: {int8.speed:.2f} times as fast, probabilities move by at most "
        f"{int8.probability_change:.3f}, AUCs by at most {worst:.4f}: {taken} by default on CPUs",
        soft_wrap=True,
    )
