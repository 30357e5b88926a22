"""The commands that ask a service: options in, exit status out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.client.options import DEFAULT_ADDRESS, ClientOptions, Lane

HeatMapOutput = StrEnum(
    "HeatMapOutput",
    ["presence", "mesangial", "subepithelial", "intramembranous", "subendothelial"],
)

_DEFAULTS = ClientOptions()

Address = Annotated[
    str,
    typer.Option(envvar="DENSA_ADDRESS", metavar="HOST:PORT", help="The service's gateway."),
]
Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="Images (JPEG, PNG, TIFF), and folders that are searched for them.",
        show_default=False,
    ),
]
Out = Annotated[
    str,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="A row per image: .csv, .jsonl or .parquet; - writes JSON lines for pipes.",
    ),
]
PixelSize = Annotated[
    float | None,
    typer.Option(
        "--pixel-size-nm",
        metavar="NM",
        help="Edge of one pixel in nanometres, for all images. Without it the file's tags say it, "
        "else the field is assumed to be 10.3 µm wide, which every such row's findings tell.",
    ),
]
CaseId = Annotated[str, typer.Option(metavar="ID", help="The biopsy that the images belong to.")]
CaseByFolder = Annotated[
    bool, typer.Option("--case-by-folder", help="Each image's folder is its biopsy.")
]
CasesFile = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="A row per biopsy, as CSV: deposits over all its images, and which images show them. "
        "Needs --case-id or --case-by-folder.",
    ),
]
HeatMaps = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for heat maps, where the model looked: IMAGE.OUTPUT.png for each output, a "
        "pixel per cell, from 0 (lowest evidence) to 255. Its text chunks say the rest.",
        show_default=False,
    ),
]
HeatMapOutputs = Annotated[
    list[HeatMapOutput],
    typer.Option("--heat-map", metavar="OUTPUT", help="Only this output's; may be repeated."),
]
LaneName = Annotated[
    Lane,
    typer.Option(help="STAT overtakes; BULK takes what is left, and never less than a fifth."),
]
InFlight = Annotated[int, typer.Option(min=1, max=10_000, help="Images sent and not answered yet.")]
Deadline = Annotated[
    float,
    typer.Option(min=0.1, metavar="SECONDS", help="The longest silence before giving up."),
]
Restart = Annotated[
    bool, typer.Option("--restart", help="Forget an earlier run that was interrupted.")
]
JobName = Annotated[str, typer.Argument(metavar="JOB", help="As `densa jobs` lists it.")]
Cursor = Annotated[
    str, typer.Option(metavar="CURSOR", help="Only what came after it, as a watch printed it.")
]
Limit = Annotated[int, typer.Option(min=1, help="Jobs at most, the newest first.")]
Traces = Annotated[
    str,
    typer.Option(
        envvar="DENSA_TRACES_ENDPOINT",
        metavar="URL",
        help="Collector of traces (OTLP over gRPC), as http://collector:4317. Without: none.",
    ),
]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Again every second, until Ctrl-C.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]


def classify(
    paths: Paths,
    *,
    out: Out = "",
    address: Address = DEFAULT_ADDRESS,
    pixel_size_nm: PixelSize = None,
    case_id: CaseId = "",
    case_by_folder: CaseByFolder = False,
    cases: CasesFile = "",
    heat_maps: HeatMaps = None,
    heat_map: HeatMapOutputs = [],  # noqa: B006  # typer's way to say none
    in_flight: InFlight = _DEFAULTS.in_flight,
    lane: LaneName = _DEFAULTS.lane,
    deadline: Deadline = _DEFAULTS.longest_silence,
    restart: Restart = False,
    traces: Traces = "",
) -> None:
    """Classify micrographs: deposits present or not, and at which of four locations.

    Rows are written as they arrive. A run with --out that was interrupted, by
    Ctrl-C, a crash or a reboot, goes on when the same command is given again:
    only what was not accepted is sent, and every result gets one row. A file
    that cannot be classified is listed with its reason; the others go on.
    """
    from services.client.classify_command import ClassifyRequest
    from services.client.classify_command import classify as run
    from services.client.results import OUTPUTS
    from services.client.tracing import traced

    request = ClassifyRequest(
        paths,
        out,
        address,
        case_id,
        pixel_size_nm,
        in_flight,
        deadline,
        lane,
        restart,
        case_by_folder,
        cases,
        heat_maps,
        tuple(map(str, heat_map)) or OUTPUTS,
    )
    with traced(traces, "densa classify"):
        status = run(request)
    raise typer.Exit(status)


def status(
    *, address: Address = DEFAULT_ADDRESS, watch: Watch = False, as_json: AsJson = False
) -> None:
    """Show how a service is: ready, what is wrong and what to do, queue, workers, models.

    Exit status 0 where it serves, 1 where not.
    """
    from services.client import status_command

    run = status_command.watch_status if watch else status_command.status
    raise typer.Exit(run(address, as_json=as_json))


def jobs(*, address: Address = DEFAULT_ADDRESS, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List the jobs that are kept: how far they are, and until when."""
    from services.client.jobs_command import list_jobs

    raise typer.Exit(list_jobs(address, limit=limit, as_json=as_json))


def watch(
    job: JobName, *, cursor: Cursor = "", out: Out = "", address: Address = DEFAULT_ADDRESS
) -> None:
    """Collect a job's results, until every image that was accepted has its own.

    From the beginning, or after a cursor; from any gateway; as often as you like.
    """
    from services.client.jobs_command import watch_job

    raise typer.Exit(watch_job(address, job, cursor=cursor, out=out))


def cancel(job: JobName, *, address: Address = DEFAULT_ADDRESS) -> None:
    """Cancel a job: what no worker has begun gets the error CANCELLED as its result."""
    from services.client.jobs_command import cancel_job

    raise typer.Exit(cancel_job(address, job))
