"""Structured logs with job, image and trace ids, and never a name, a label or a pixel.

What a client chose (image_id, case_id, labels, names of files) and what stands in an image is
never logged: an image is named by the first twelve digits of its file's SHA-256 (`image`), which
whoever has the file can compute. Exceptions are logged by type and place, without their words,
and of libraries that may quote their input only the fixed part of what they say.
"""

import logging
import sys
from typing import Any

import structlog

from services.common.safe_traceback import safe_traceback
from services.common.settings import LogSettings

QUOTE_NOTHING_OF_CLIENTS = ("celery", "kombu", "amqp")
"""Libraries that see no request and no image: all they say is logged."""

FIRST_LINE_IS_FIXED = ("asyncio",)
"""Libraries whose message has values from its second line on only."""


def image_tag(digest: str) -> str:
    """What an image is called in logs and traces, from the hex SHA-256 of its bytes."""
    return digest[:12]


def configure_logging(settings: LogSettings) -> None:
    """Sends structlog's and the libraries' logs to standard error in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_without_words),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_only_what_is_fixed, *shared],
            processor=renderer,
            pass_foreign_args=True,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    handler.addFilter(_is_for_operators)
    logging.captureWarnings(capture=True)
    # One line per task of Celery's own would cost more than the task, and its
    # start-up banner says nothing that ours does not.
    for noisy in ("celery.worker.strategy", "celery.app.trace", "kombu"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _without_words(exc_info: Any) -> str:
    return safe_traceback(exc_info[1])


def _is_for_operators(record: logging.LogRecord) -> bool:
    """Our own events, and of libraries what is a warning or worse: below it they may say all."""
    ours = isinstance(record.msg, dict)
    return ours or record.levelno >= logging.WARNING or _is_trusted(record)


def _is_trusted(record: logging.LogRecord) -> bool:
    return record.name.startswith(QUOTE_NOTHING_OF_CLIENTS)


def _only_what_is_fixed(
    _: Any, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Of a library's message the template without its values, who said it, and where."""
    record: logging.LogRecord = event["_record"]
    values = event.pop("positional_args", ())
    event["logger"] = record.name
    if not _is_trusted(record):
        fixed = bool(values) or record.name in FIRST_LINE_IS_FIXED
        event["event"] = str(record.msg).partition("\n")[0] if fixed else "library_message"
        event["where"] = f"{record.filename}:{record.lineno}"
    return event
