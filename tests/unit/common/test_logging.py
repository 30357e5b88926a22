"""Logs go to standard error in the format that was asked for."""

import json
import logging
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
    assert (theirs["event"], theirs["level"]) == ("careful: thing", "warning")


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
