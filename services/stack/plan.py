"""What a stack is to be, checked before anything starts."""

import errno
import socket
from dataclasses import dataclass, field
from pathlib import Path

from services.stack.data_directory import DataDirectory
from services.stack.errors import StackError
from services.stack.settings import BUNDLE, REPOSITORY, stack_settings

HOST = "127.0.0.1"
"""The embedded stack serves this machine only: it has neither TLS nor callers' credentials."""


@dataclass(frozen=True, slots=True)
class StackPlan:
    """A port, a directory, a model, and how many workers."""

    port: int = 50051
    """Port of the gateway on 127.0.0.1. 0: any free one."""
    data: DataDirectory = field(default_factory=lambda: DataDirectory(stack_settings().data))
    workers: int = 1
    bundle: Path = BUNDLE
    """Directory of the model bundle."""
    repository: Path = REPOSITORY
    """Model repository: where published versions stand as NAME/VERSION."""
    page_port: int | None = None
    """Port of the page on 127.0.0.1. Where it is taken, and for 0, any free one. None: no page."""
    settings: dict[str, str] = field(default_factory=dict)
    """More environment variables for gateway and workers."""

    def check(self) -> None:
        """Raise StackError where the bundle is missing."""
        if not (self.bundle / "manifest.json").is_file():
            raise StackError(
                f"There is no model bundle in {self.bundle.absolute()} (no manifest.json). "
                "Name the directory of one with --bundle PATH or DENSA_INFERENCE_BUNDLE."
            )


def claim_port(port: int, option: str = "--port") -> int:
    """The port, if it is free; any free one for 0. `option` is where it was asked for.

    Raises:
        StackError: Something listens on it, or this user may not.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do it: what a connection of a minute ago left is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            in_use = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            why = "is already in use" if in_use else f"cannot be used ({error})"
            raise StackError(
                f"Port {port} on {HOST} {why}. Stop what listens there, or choose another "
                f"port with {option} PORT (0 takes any free one)."
            ) from error
        return int(probe.getsockname()[1])


def claim_page_port(port: int) -> int:
    """The port where it is free, any free one otherwise: the page says where it is."""
    try:
        return claim_port(port)
    except StackError:
        return claim_port(0)
