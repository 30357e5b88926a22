"""Traces: a port, how a trace crosses processes, and the one switch. Off, nothing is loaded.

A trace crosses as a W3C `traceparent`: in the metadata of calls, in the record of an image in
Redis, and in its outcome. An old record has none, and its image is then in no trace.
"""

import re
from contextlib import AbstractContextManager
from contextvars import ContextVar
from importlib import import_module
from typing import Protocol, cast

from services.common.settings import TracesSettings

TRACEPARENT = "traceparent"
"""Name of the metadata."""

_FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

current: ContextVar[str] = ContextVar("traceparent", default="")
"""The traceparent of the call that is being answered; empty where there is no trace."""


class Tracing(Protocol):
    """Records spans. Threads may share it."""

    def span(
        self, name: str, parent: str, *, server: bool = False, **attributes: str | int
    ) -> AbstractContextManager[str]:
        """A span for as long as the context lasts; gives its traceparent."""
        ...

    def record(
        self, name: str, parent: str, seconds: float, *, ago: float = 0.0, **attributes: str | int
    ) -> None:
        """A span of so many seconds that ended so many seconds `ago`."""
        ...

    def close(self) -> None:
        """Sends what was recorded and stops."""
        ...


def start_tracing(settings: TracesSettings, process: str) -> Tracing | None:
    """What records the spans of this process; None where traces are off."""
    if not settings.endpoint:
        return None
    module = import_module("services.common.otel")
    return cast("Tracing", module.OtelTracing(settings.endpoint, process))


def checked(traceparent: object) -> str:
    """The traceparent, if it is one; else an empty text. It comes from outside."""
    if isinstance(traceparent, str) and _FORM.fullmatch(traceparent):
        return traceparent
    return ""


def trace_id(traceparent: str) -> str:
    """The trace's id, for logs; empty where there is none."""
    return traceparent[3:35]
