"""`python -m benchmarks`: see options.py for what can be asked for."""

import signal
import sys
from collections.abc import Callable

from benchmarks import command, lanes, maps, options, overload, page, profile, scale
from benchmarks.helper import BenchmarkError

INTERRUPTED = 130

OTHERS: dict[str, Callable[[list[str]], int]] = {
    "profile": lambda rest: profile.run(profile.parse(rest)),
    "scale": lambda rest: scale.run(scale.parse(rest)),
    "overload": lambda rest: overload.run(overload.parse(rest)),
    "lanes": lambda rest: lanes.run(lanes.parse(rest)),
    "maps": lambda rest: maps.run(maps.parse(rest)),
    "page": lambda rest: page.run(page.parse(rest)),
}


def main(arguments: list[str]) -> int:
    """Runs; 2 where it cannot, with a sentence that says why, and 130 after Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have told us to ignore the first
        signal.signal(number, signal.default_int_handler)  # both stop what was started
    try:
        if arguments and arguments[0] in OTHERS:
            return OTHERS[arguments[0]](arguments[1:])
        return command.run(options.parse(arguments))
    except BenchmarkError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; everything that was started is stopped.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
