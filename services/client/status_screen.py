"""The one screen of `densa status`: ready or not, what is wrong, queue, workers, models."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.client.operations import Operations
from services.client.results import Model, ModelOutput, ServiceStatus

MIB = 2**20


def screen(state: ServiceStatus, *, brief: bool = False) -> Group:
    """Everything, or without the models' cards."""
    parts: list[RenderableType] = [_headline(state)]
    if state.operations is not None:
        parts += [
            *_problems(state.operations),
            _queue(state.operations),
            _workers(state.operations),
        ]
    elif not state.models:
        parts.append(Text("No worker serves a model. Is one running, and what does its log say?"))
    for model in () if brief else state.models:
        parts += [_card(model), Text(model.notice, style="yellow")]
    return Group(*parts)


def _headline(state: ServiceStatus) -> Text:
    word = ("serving", "green") if state.serving else ("not serving", "red")
    return Text.assemble(f"{state.address}: ", word, overflow="fold")


def _problems(operations: Operations) -> list[RenderableType]:
    return [
        Text.assemble(
            (f"{problem.code}: ", "bold red" if problem.critical else "bold yellow"),
            f"{problem.message} {problem.advice}",
        )
        for problem in operations.problems
    ]


def _queue(operations: Operations) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for heading in ("lane", "images", "MiB", "oldest"):
        table.add_column(heading, justify="left" if heading == "lane" else "right")
    for lane in operations.lanes:
        age = "" if lane.oldest_seconds is None else f"{lane.oldest_seconds:,.1f} s"
        table.add_row(lane.lane, f"{lane.images:,}", f"{lane.bytes / MIB:,.1f}", age)
    images = sum(lane.images for lane in operations.lanes)
    table.add_row(
        "all",
        f"{images:,} of {operations.limit_images:,}",
        f"{sum(lane.bytes for lane in operations.lanes) / MIB:,.1f} of "
        f"{operations.limit_bytes / MIB:,.0f}",
        "",
        style="bold",
    )
    return table


def _workers(operations: Operations) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    speed = f"{operations.images_per_second:,.1f} images a second while there is work"
    table.add_row("working", f"{operations.images_in_hand:,} images in hand; {speed}")
    for worker in operations.workers:
        table.add_row(
            "worker",
            f"{worker.name}: {worker.model} on {worker.provider}, {worker.threads} threads, "
            f"{worker.images_per_second:,.1f} images a second",
        )
    for name, used, limit in (
        ("Redis", operations.redis_bytes, operations.redis_limit_bytes),
        ("store", operations.store_bytes, operations.store_limit_bytes),
    ):
        if used is not None:
            of = f" of {limit / MIB:,.0f} MiB ({used / limit:.0%})" if limit else " MiB, no limit"
            table.add_row(name, f"{used / MIB:,.0f}{of}")
    return table


def _card(model: Model) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("model", f"{model.identity.name} {model.identity.version}")
    table.add_row("digest", model.identity.digest)
    table.add_row("made", f"{model.created:%Y-%m-%d %H:%M} UTC")
    table.add_row("about", model.description)
    for worker in model.workers:
        table.add_row(
            "worker", f"{worker.name}, {worker.provider}, last seen {worker.last_seen:%H:%M:%S} UTC"
        )
    table.add_row(
        "takes",
        f"{', '.join(model.formats)} up to {model.max_image_bytes / 2**20:g} MiB; resampled to "
        f"{model.pixel_size_nm:g} nm per pixel, windows of {model.input_size} pixels",
    )
    for output in model.outputs:
        auc = "" if output.auc is None else f", held-out AUC {output.auc:.3f}"
        table.add_row("output", f"{output.label}, {_calls(output)}{auc}")
    table.add_row("calibration", model.calibration_method)
    return table


def _calls(output: ModelOutput) -> str:
    """From which probability on an output is called, and where it is not."""
    zone = output.abstain
    if zone is None:
        return f"positive from {output.threshold:.2f}"
    return f"positive from {zone[1]:.2f}, no call from {zone[0]:.2f} to there"
