"""Structured logs with job and image ids, and never a name, a label or a pixel."""

import logging
import sys

import structlog

from services.common.settings import LogSettings


def configure_logging(settings: LogSettings) -> None:
    """Sends structlog's and the libraries' logs to standard error in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    # One line per task of Celery's own would cost more than the task, and its
    # start-up banner says nothing that ours does not.
    for noisy in ("celery.worker.strategy", "celery.app.trace", "kombu"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
