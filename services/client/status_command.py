"""What `densa status` does: asks a service how it is and says so."""

import json
from dataclasses import asdict

from rich.table import Table

from services.client.consoles import make_console, make_error_console
from services.client.errors import DensaError
from services.client.exit_status import ALL, NONE
from services.client.options import ClientOptions
from services.client.results import Model, ModelOutput, ServiceStatus
from services.client.sync_client import DensaClient

ONE_ATTEMPT = ClientOptions(attempts=1)
"""Who asks how a service is wants to hear it now."""


def status(address: str, *, as_json: bool) -> int:
    """Show a service's state; 0 where it serves, 1 where not."""
    try:
        with DensaClient(address, ONE_ATTEMPT) as densa:
            state = densa.status()
    except DensaError as error:
        if as_json:
            print(json.dumps({"address": address, "serving": False, "error": error.message}))  # noqa: T201
        else:
            make_error_console().print(f"densa: {error}", markup=False, soft_wrap=True)
        return NONE
    if as_json:
        print(json.dumps(asdict(state), default=str))  # noqa: T201
    else:
        _show(state)
    return ALL if state.serving else NONE


def _show(state: ServiceStatus) -> None:
    console = make_console()
    word = "[green]serving[/green]" if state.serving else "[red]not serving[/red]"
    console.print(f"{state.address}: {word}", soft_wrap=True)
    if not state.models:
        console.print("No worker serves a model. Is one running, and what does its log say?")
    for model in state.models:
        console.print(_card(model))
        console.print(model.notice, style="yellow", markup=False)


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
