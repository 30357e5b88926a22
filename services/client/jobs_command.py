"""What `densa jobs`, `densa watch` and `densa cancel` do."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import aclosing, nullcontext
from dataclasses import asdict
from typing import Any

from rich.table import Table

from services.client.async_client import AsyncDensaClient
from services.client.case_table import case_table
from services.client.cases import CaseResult
from services.client.consoles import make_console, make_error_console
from services.client.errors import DensaError
from services.client.exit_status import ALL, INTERRUPTED, NONE, SOME
from services.client.job import Job
from services.client.options import ClientOptions
from services.client.report import Report
from services.client.rows import to_row
from services.client.writers import open_writer

ONE_ATTEMPT = ClientOptions(attempts=1)
"""Who asks about jobs wants to hear it now."""


def list_jobs(address: str, *, limit: int, as_json: bool) -> int:
    """Show the newest jobs; the exit status."""
    return _ended(_list(address, limit, as_json=as_json))


def watch_job(address: str, job: str, *, cursor: str, out: str) -> int:
    """Show or write a job's results as they come; the exit status."""
    return _ended(_watch(address, job, cursor, out))


def cancel_job(address: str, job: str) -> int:
    """Cancel a job; the exit status."""
    return _ended(_cancel(address, job))


def _ended(work: Coroutine[Any, Any, int]) -> int:
    messages = make_error_console()
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        messages.print("Interrupted. The job goes on.", style="yellow")
        return INTERRUPTED
    except DensaError as error:
        messages.print(f"densa: {error}", style="red", markup=False, soft_wrap=True)
        return NONE


async def _list(address: str, limit: int, *, as_json: bool) -> int:
    found: list[Job] = []
    async with AsyncDensaClient(address, ONE_ATTEMPT) as densa, aclosing(densa.jobs.list()) as jobs:
        async for job in jobs:
            if len(found) == limit:
                break
            found.append(job)
    if as_json:
        for job in found:
            print(json.dumps(asdict(job), default=str))  # noqa: T201
    elif found:
        make_console().print(_table(found))
    else:
        make_console().print("No job is kept.")
    return ALL


def _table(jobs: list[Job]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("job", no_wrap=True)
    for heading in ("state", "lane", "finished", "opened", "kept until"):
        table.add_column(heading)
    for job in jobs:
        done = job.finished == job.accepted
        state = (
            "cancelled"
            if job.cancelled
            else "closed"
            if done and job.closed
            else "done"
            if done
            else "[green]running[/green]"
        )
        table.add_row(
            job.name,
            state,
            job.lane,
            f"{job.finished:,} of {job.accepted:,}",
            f"{job.created:%Y-%m-%d %H:%M} UTC",
            f"{job.expires:%Y-%m-%d %H:%M} UTC",
        )
    return table


async def _watch(address: str, job: str, begin: str, out: str) -> int:
    cursor = begin
    cases: list[CaseResult] = []
    console = make_error_console() if out == "-" else make_console()
    async with AsyncDensaClient(address) as densa:
        report = Report((await densa.jobs.get(job)).accepted)
        with open_writer(out) if out else nullcontext() as writer:
            async with aclosing(densa.jobs.watch(job, begin)) as results:
                async for result, here in results:
                    cursor = here
                    if isinstance(result, CaseResult):
                        cases.append(result)
                        continue
                    report.add(result)
                    if writer is not None:
                        writer.write(to_row(result))
    report.show(console, table=out != "-")
    if cases:
        console.print(case_table(cases))
    if cursor:
        console.print(f"To go on from here: densa watch {job} --cursor {cursor}", style="dim")
    return ALL if not report.failed else SOME if report.answered else NONE


async def _cancel(address: str, job: str) -> int:
    async with AsyncDensaClient(address, ONE_ATTEMPT) as densa:
        cancelled = await densa.jobs.cancel(job)
    make_console().print(
        f"Cancelled. {cancelled.finished:,} of {cancelled.accepted:,} micrographs have their "
        "result; what a worker has begun gets its own.",
        soft_wrap=True,
    )
    return ALL
