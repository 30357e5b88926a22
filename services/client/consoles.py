"""Where text for people goes. Without a terminal: no control characters, and a stated width."""

import sys

from rich.console import Console

PLAIN_WIDTH = 120
"""Columns where there is no terminal to ask."""


def make_console() -> Console:
    """Standard output: tables and other results."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def make_error_console() -> Console:
    """Standard error: progress and what went wrong."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else PLAIN_WIDTH, highlight=False)
