"""Logs go to standard error in the format that was asked for."""

import json
import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog

from services.common.logging import configure_logging
from services.common.settings import LogSettings


@pytest.fixture(autouse=True)
def the_logging_of_others() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_json_lines_hold_our_events_and_those_of_libraries(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Given
    configure_logging(LogSettings(format="json"))

    # When
    structlog.get_logger().info("image_accepted", job="j")
    logging.getLogger("library").warning("careful: %s", "thing")

    # Then
    written = capsys.readouterr()
    ours, theirs = (json.loads(line) for line in written.err.splitlines())
    assert written.out == ""
    assert (ours["event"], ours["job"], ours["level"]) == ("image_accepted", "j", "info")
    assert (theirs["event"], theirs["level"]) == ("careful: %s", "warning")


def test_what_is_less_severe_than_the_level_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Given
    configure_logging(LogSettings(format="json", level="WARNING"))

    # When
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")

    # Then
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["loud"]


def test_of_libraries_nothing_is_told_that_may_quote_a_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Given
    configure_logging(LogSettings(format="json", level="DEBUG"))
    library = logging.getLogger("library")

    # When
    library.debug("received Doe")
    library.warning("cannot read Doe")
    library.warning("cannot read %s", "Doe")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: Doe")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logging.captureWarnings(capture=True)
        warnings.warn("Doe", stacklevel=1)
    logging.getLogger("celery.worker").info("Connected to %s", "redis")

    # Then
    written = capsys.readouterr().err
    events = [json.loads(line)["event"] for line in written.splitlines()]
    assert "Doe" not in written
    assert events[:3] == ["library_message", "cannot read %s", "Task exception was never retrieved"]
    assert events[-1] == "Connected to redis"


def test_exceptions_are_told_by_type_and_place_without_their_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Given
    configure_logging(LogSettings(format="json"))

    # When
    try:
        try:
            dict[str, int]()["Doe"]
        except KeyError as error:
            raise ValueError("Doe") from error
    except ValueError:
        structlog.get_logger().exception("failed")

    # Then
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)["exception"]
    assert "Doe" not in line
    assert "builtins.ValueError" in told
    assert "builtins.KeyError" in told
    assert "test_logging.py" in told
