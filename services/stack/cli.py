"""`densa up` and `densa demo`: options in, exit status out."""

from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[
    int,
    typer.Option(
        envvar="DENSA_GATEWAY_PORT",
        min=0,
        max=65535,
        help="Port of the gateway on 127.0.0.1; 0 takes any free one.",
    ),
]
PagePort = Annotated[
    int | None,
    typer.Option(
        envvar="DENSA_WEB_PORT",
        min=0,
        max=65535,
        show_default="8080, or any free one where that is taken",
        help="Port of the page on 127.0.0.1; 0 takes any free one.",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        show_default="DENSA_STACK_DATA, else ~/.local/state/densa",
        help="Where accepted work, Redis's file and the logs are kept.",
    ),
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="How many worker processes to run.")]
Bundle = Annotated[
    Path | None,
    typer.Option(
        envvar="DENSA_INFERENCE_BUNDLE",
        metavar="DIR",
        show_default="the one that ships",
        help="Directory of the model bundle.",
    ),
]
Models = Annotated[
    Path | None,
    typer.Option(
        "--models",
        envvar="DENSA_INFERENCE_REPOSITORY",
        metavar="DIR",
        show_default="the one with the bundle that ships",
        help="Model repository: the versions that `densa models activate` chooses from.",
    ),
]
Exit = Annotated[bool, typer.Option("--exit", help="End after the table instead of serving on.")]


def up(
    *,
    port: Port = 50051,
    page_port: PagePort = None,
    data: Data = None,
    workers: Workers = 1,
    bundle: Bundle = None,
    models: Models = None,
) -> None:
    """Start the whole service on this machine: Redis, workers, gateway, page. Ctrl-C stops it.

    What was accepted survives a stop, however it happened: the next start on
    the same data directory goes on with it. Only this machine can connect.
    """
    from services.stack.commands import Wishes, run_up

    raise typer.Exit(run_up(Wishes(port, page_port, data, workers, bundle, models)))


def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory for it.")],
    *,
    data: Data = None,
) -> None:
    """Back up the stack that runs here, while it works: jobs, results, waiting images, decisions,
    and what the page keeps, readers' calls among it.

    Restoring it loses nothing that was accepted before the moment at which it was taken.
    """
    from services.stack.commands import run_backup

    raise typer.Exit(run_backup(target, data))


def restore(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="What `densa backup` made.")],
    *,
    data: Data = None,
) -> None:
    """Make an empty data directory hold what a backup does; `densa up` goes on with it."""
    from services.stack.commands import run_restore

    raise typer.Exit(run_restore(source, data))


def demo(
    *,
    port: Port = 50051,
    page_port: PagePort = None,
    data: Data = None,
    workers: Workers = 1,
    bundle: Bundle = None,
    exit_: Exit = False,
) -> None:
    """Start the service as `up` does and classify the sample micrographs through its API.

    Ends with status 0 after the table if --exit is given, 1 if a sample failed.
    """
    from services.stack.commands import Wishes, run_demo

    wishes = Wishes(port, page_port, data, workers, bundle)
    raise typer.Exit(run_demo(wishes, exit_after=exit_))
