"""How model versions look in a table."""

from collections.abc import Sequence

from rich.table import Table

from services.client.model_versions import Comparison, ModelVersion


def versions_table(versions: Sequence[ModelVersion]) -> Table:
    """Each version, what it is, and how many workers have it and answer with it."""
    table = _table("model", "version", "", "in the repository of", "answers in")
    for one in versions:
        marks = [
            *(["active"] if one.active else []),
            *(["before"] if one.previous else []),
            *([f"shadow {one.shadow_share:.0%}"] if one.shadow_share else []),
        ]
        table.add_row(
            one.name,
            one.version,
            ", ".join(marks),
            _workers(one.repository_workers),
            _workers(one.serving_workers),
        )
    return table


def comparison_table(found: Comparison) -> Table:
    """How two versions agree on each output."""
    table = _table("output", "kappa", "same call", "+ only active", "+ only shadow", "mean |dp|")
    for one in found.outputs:
        table.add_row(
            one.label,
            "-" if one.kappa is None else f"{one.kappa:.3f}",
            f"{one.same_calls:,}",
            f"{one.active_positive:,}",
            f"{one.shadow_positive:,}",
            f"{one.mean_difference:.4f}",
        )
    return table


def differences_table(found: Comparison) -> Table:
    """The images on which they differ most."""
    table = _table("largest differences", "output", "active", "shadow")
    for one in found.differences:
        table.add_row(
            one.image, one.label, f"{one.active_probability:.3f}", f"{one.shadow_probability:.3f}"
        )
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold underline")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _workers(names: Sequence[str]) -> str:
    return "-" if not names else f"{len(names)} worker{'s' if len(names) > 1 else ''}"
