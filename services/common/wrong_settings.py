"""What is wrong with the settings of a process, all of it at once and before anything starts."""

import difflib
from collections.abc import Iterator

import structlog
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings

from services.common.logging import configure_logging
from services.common.settings import LogSettings, given, without_effect

log = structlog.get_logger()

NOT_OURS = frozenset(
    f"DENSA_{name}"
    for name in ("REDIS_APPENDFSYNC", "REDIS_MAXMEMORY", "REDIS_MEM_LIMIT", "GATEWAY_MEM_LIMIT")
) | {"DENSA_WORKER_MEM_LIMIT"}
"""docker-compose.yml's own, which come along in the containers' environment."""


def settings_are_right(*classes: type[BaseSettings]) -> bool:
    """Sets the log up and says in it, by variable, what is wrong and what is not known.

    A name that no class has is a warning: settings of the next version may stay when one goes back.
    """
    of_log = wrong_settings(LogSettings)
    configure_logging(LogSettings.model_construct() if of_log else LogSettings())
    problems = of_log + [problem for one in classes for problem in wrong_settings(one)]
    problems += [
        (name, "is set by docker-compose.yml: remove it from .env") for name in without_effect()
    ]
    for variable, problem in problems:
        log.error("wrong_setting", variable=variable, problem=problem)
    for variable, nearest in unknown_settings(classes):
        log.warning("unknown_setting", variable=variable, did_you_mean=nearest)
    return not problems


def wrong_settings(settings: type[BaseSettings]) -> list[tuple[str, str]]:
    """Variables with values that cannot be, and what each should be. Values are not told: some
    are secret, and a URL may hold a password.
    """
    try:
        settings()
    except ValidationError as error:
        return [_told(settings, one) for one in error.errors(include_url=False)]
    return []


def _told(settings: type[BaseSettings], error: ErrorDetails) -> tuple[str, str]:
    name = "_".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return _prefix(settings) + name.upper(), message


def unknown_settings(classes: tuple[type[BaseSettings], ...]) -> Iterator[tuple[str, str]]:
    """Variables with a prefix of `classes` that none of them reads, and the nearest that is."""
    prefixes = tuple(_prefix(one) for one in classes)
    known = {_prefix(one) + name.upper() for one in classes for name in one.model_fields}
    for name in given():
        if name.startswith(prefixes) and name not in known | NOT_OURS:
            yield name, next(iter(difflib.get_close_matches(name, known, 1)), "")


def _prefix(settings: type[BaseSettings]) -> str:
    return str(settings.model_config.get("env_prefix", ""))
