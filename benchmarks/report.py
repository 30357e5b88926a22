"""The tables, as Markdown ready for the README."""

from collections.abc import Sequence

from benchmarks.arithmetic import mean
from benchmarks.goals import Goal
from benchmarks.results import SERVERS, Group, Results

BUSY = 0.3
"""Load per core above which the machine was doing something else as well."""


def render(results: Results, goals: Sequence[Goal]) -> str:
    """The whole report."""
    parts = [_head(results), *(_group(group) for group in results.groups), _latencies(results)]
    if results.memory is not None:
        memory = results.memory
        parts.append(
            f"Gateway memory over {results.memory_images} images (null model, streams): "
            f"{memory.first:.1f} MiB in the first third, {memory.last:.1f} MiB in the last, "
            f"at most {memory.most:.1f} MiB."
        )
    parts.append(_goals(goals))
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(results: Results) -> str:
    host = results.host
    where = f"{host.cores} cores of {host.cpu}, Python {host.python}"
    how = f"{results.seconds:g} s per cell, load generator on the same cores"
    lines = [
        f"Measured {host.date} at commit {host.commit}: {where}; {how}.",
        *(f"Model `{model}`: {bundle}." for model, bundle in results.bundles.items()),
    ]
    if host.busy > BUSY:
        lines.append(
            f"**The machine was busy** (load {host.busy:.1f} per core before the start): "
            "ratios hold roughly, figures do not."
        )
    return "\n".join(lines)


def _group(group: Group) -> str:
    rows = [
        [
            f"{cell.style}",
            f"{cell.concurrency}",
            f"{cell.load.images_per_second:.1f}",
            f"{cell.ratio:.2f}",
            f"{cell.load.p50_ms:.1f}",
            f"{cell.load.p99_ms:.1f}",
            *(f"{cell.load.cpu_ms[name]:.2f}" for name in (*SERVERS, "client")),
            f"{group.overhead_ms(cell):.2f}" if group.model == "null" else "",
        ]
        for cell in group.cells
    ]
    head = ["calls", "in flight", "images/s", "of the limit", "p50 ms", "p99 ms"]
    head += [f"{name} CPU ms" for name in (*SERVERS, "client")] + ["overhead CPU ms"]
    return (
        f"### {group.model}, {group.format.upper()} 1024x1024\n\n"
        f"Limit in one process: {group.limit:.1f} images/s "
        f"({group.configuration}; spread {group.limit_spread:.0%} over {len(group.limits)} "
        f"measurements); decoding and preprocessing {mean(group.prepare_cpu_ms):.2f} ms of CPU.\n\n"
        + table(head, rows)
    )


def _latencies(results: Results) -> str:
    rows = [
        [
            group.model,
            group.format,
            f"{group.latency.service_ms:.1f}",
            f"{group.latency.in_process_ms:.1f}",
            f"{group.latency.difference_ms:+.1f}",
        ]
        for group in results.groups
        if group.latency is not None
    ]
    head = ["model", "format", "service p50 ms", "in-process p50 ms", "difference ms"]
    return "### One image at a time\n\n" + table(head, rows) if rows else ""


def _goals(goals: Sequence[Goal]) -> str:
    rows = [
        ["PASS" if goal.reached else "FAIL", goal.name, goal.case, goal.required, goal.found]
        for goal in goals
    ]
    return "### Goals\n\n" + table(["", "goal", "case", "required", "found"], rows) if rows else ""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with even columns."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(head), rule, *(line(row) for row in rows)])
