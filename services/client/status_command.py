"""What `densa status` does: asks a service how it is and says so, once or over and over."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import RenderableType
from rich.live import Live
from rich.text import Text

from services.client.consoles import make_console, make_error_console
from services.client.errors import DensaError
from services.client.exit_status import ALL, NONE
from services.client.options import ClientOptions
from services.client.results import ServiceStatus
from services.client.status_screen import screen
from services.client.sync_client import DensaClient

ONE_ATTEMPT = ClientOptions(attempts=1)
"""Who asks how a service is wants to hear it now."""

WATCH_SECONDS = 1.0
"""Between two looks."""


def status(address: str, *, as_json: bool) -> int:
    """Show a service's state; 0 where it serves, 1 where not."""
    try:
        with DensaClient(address, ONE_ATTEMPT) as densa:
            state = densa.status()
    except DensaError as error:
        if as_json:
            print(_json(address, error))  # noqa: T201
        else:
            make_error_console().print(f"densa: {error}", markup=False, soft_wrap=True)
        return NONE
    if as_json:
        print(_json(address, state))  # noqa: T201
    else:
        make_console().print(screen(state))
    return ALL if state.serving else NONE


def watch_status(address: str, *, as_json: bool) -> int:
    """Show a service's state until Ctrl-C, also while nothing answers; its last state decides
    the exit status.
    """
    serving = False
    with DensaClient(address, ONE_ATTEMPT) as densa, _shown(address, as_json=as_json) as show:
        try:
            while True:
                try:
                    state: ServiceStatus | DensaError = densa.status()
                except DensaError as error:
                    state = error
                serving = isinstance(state, ServiceStatus) and state.serving
                show(state)
                time.sleep(WATCH_SECONDS)
        except KeyboardInterrupt:
            return ALL if serving else NONE


@contextmanager
def _shown(
    address: str, *, as_json: bool
) -> Iterator[Callable[[ServiceStatus | DensaError], None]]:
    if as_json:
        yield lambda state: print(_json(address, state), flush=True)  # noqa: T201
        return
    console = make_console()
    if not console.is_terminal:  # a file or a pipe: one screen after the other
        yield lambda state: console.print(_rendered(state))
        return
    with Live(console=console, auto_refresh=False, screen=True) as live:
        yield lambda state: live.update(_rendered(state), refresh=True)


def _rendered(state: ServiceStatus | DensaError) -> RenderableType:
    if isinstance(state, ServiceStatus):
        return screen(state, brief=True)
    return Text(f"densa: {state}", style="red")


def _json(address: str, state: ServiceStatus | DensaError) -> str:
    if isinstance(state, ServiceStatus):
        return json.dumps(asdict(state), default=str)
    return json.dumps({"address": address, "serving": False, "error": state.message})
