"""What the commands of `densa models` do."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TypeVar

from services.client.async_client import AsyncDensaClient
from services.client.async_models import AsyncModels
from services.client.consoles import make_console, make_error_console
from services.client.errors import DensaError
from services.client.exit_status import ALL, INTERRUPTED, NONE
from services.client.model_versions import Switched
from services.client.models_tables import comparison_table, differences_table, versions_table
from services.client.options import ClientOptions

T = TypeVar("T")

ONE_ATTEMPT = ClientOptions(attempts=1)
"""Who decides wants to hear it now."""


def list_versions(address: str, *, as_json: bool) -> int:
    """Show the versions; 1 where a worker refuses what was decided."""
    found = _asked(address, "", lambda models: models.list())
    if found is None:
        return NONE
    if as_json:
        print(json.dumps(asdict(found)))  # noqa: T201
    else:
        make_console().print(versions_table(found.versions))
        for problem in found.problems:
            make_error_console().print(
                f"{problem.worker} refuses {problem.name} {problem.version} ({problem.reason}): "
                f"{problem.message}",
                style="red",
                markup=False,
                soft_wrap=True,
            )
    return NONE if found.problems else ALL


def activate(address: str, token: str, version: str, name: str) -> int:
    """Let a version answer; the exit status."""
    return _told(_asked(address, token, lambda models: models.activate(version, name)))


def rollback(address: str, token: str) -> int:
    """Let the version before answer; the exit status."""
    return _told(_asked(address, token, lambda models: models.rollback()))


def shadow(address: str, token: str, version: str, share: float, name: str) -> int:
    """Run a version in the shadow; the exit status."""

    async def ask(models: AsyncModels) -> str:
        found = await models.shadow(version, share, name)
        if found is None:
            return "Nothing runs in the shadow."
        return f"{found.name} {found.version} runs in the shadow, on {share:.0%} of the images."

    said = _asked(address, token, ask)
    if said is None:
        return NONE
    make_console().print(said, soft_wrap=True)
    return ALL


def compare(address: str, token: str, *, as_json: bool) -> int:
    """Show how two versions agree; the exit status."""
    found = _asked(address, token, lambda models: models.compare())
    if found is None:
        return NONE
    if as_json:
        print(json.dumps(asdict(found), default=str))  # noqa: T201
        return ALL
    console = make_console()
    console.print(
        f"{found.active.name} {found.active.version} answers, {found.shadow.name} "
        f"{found.shadow.version} in the shadow, since {found.since:%Y-%m-%d %H:%M} UTC: "
        f"{found.compared:,} images compared, {found.failed:,} failed in the shadow, "
        f"{found.skipped:,} left out for lack of time.",
        soft_wrap=True,
    )
    console.print(comparison_table(found))
    if found.differences:
        console.print(differences_table(found))
    return ALL


def _told(done: Switched | None) -> int:
    if done is None:
        return NONE
    before = "" if done.previous is None else f", before it {done.previous.version}"
    make_console().print(
        f"{done.active.name} {done.active.version} answers now{before}.", soft_wrap=True
    )
    return ALL


def _asked(address: str, token: str, ask: Callable[[AsyncModels], Awaitable[T]]) -> T | None:
    """What was answered; None where nothing was, and it is said why."""

    async def work() -> T:
        async with AsyncDensaClient(address, ONE_ATTEMPT) as densa:
            return await ask(densa.model_versions(token))

    messages = make_error_console()
    try:
        return asyncio.run(work())
    except KeyboardInterrupt:
        messages.print("Interrupted. See `densa models list` for what is true now.", style="yellow")
        raise SystemExit(INTERRUPTED) from None
    except DensaError as error:
        messages.print(f"densa: {error}", style="red", markup=False, soft_wrap=True)
        return None
