"""Exit statuses of `densa`: what a script may rely on."""

ALL = 0
"""Every image was classified; for other commands: it worked."""

NONE = 1
"""No image was classified, the run could not end (the service was not reachable or refused it),
or the command line was wrong."""

SOME = 2
"""Some images failed; the others were classified."""

INTERRUPTED = 130
"""Ctrl-C. The rows written until then are kept."""
